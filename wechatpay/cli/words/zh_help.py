"""How commands and options are described in Chinese; behind a form feed stands an example."""

from __future__ import annotations

HELP = {
    "help.usage": "用法：",
    "help.example": "示例：",
    "help.commands": "命令：",
    "help.arguments": "参数：",
    "help.options": "选项：",
    "help.settings": "配置：",
    "help.required": "（必填）",
    "help.help": "显示帮助并退出。",
    "help.install_completion": "为当前 shell 安装自动补全。",
    "help.show_completion": "显示当前 shell 的自动补全脚本。",
    "root.help": """\
微信支付商户 API 的命令行工具。

商户配置依次取自：命令行选项、--env-file 指定的文件；未指定文件时取自环境变量 WECHATPAY_…。\
指定 --env-file 后不再读取环境变量，以免两个商户的配置混在一起。密钥从不作为选项的值：\
只来自上述文件和变量，或由选项指定的文件，且从不显示。

结果写到标准输出，其余信息写到标准错误。在终端上 JSON 会缩进并着色（NO_COLOR 可关闭颜色）；\
在管道中逐字节输出微信支付返回的内容。中文或英文由 LC_ALL、LC_MESSAGES 或 LANG 决定。
\f
wechatpay sandbox --port 8080 > sandbox.env &
wechatpay doctor --env-file sandbox.env
""",
    "root.version": "显示版本并退出。",
    "root.exits": """\
退出码：
0  一切正常
1  微信支付拒绝，什么也没有发生；没有找到；或 `verify` 验签失败
2  命令行用法错误
3  配置或额外组件缺失、有误
4  没有收到应答，什么也没有发生：可以重发
5  无法证明来自微信支付，或无法解密
6  结果未知：先用原单号查询，再决定是否用原单号重发
7  文件无法读写，或内容不符
130  被 Ctrl-C 中断
141  读取输出的一方已退出""",
    "settings.env_file": "由 `export WECHATPAY_…=…` 行组成的文件，即 `init` 写出、`sandbox` 打印的"
    "内容。",
    "settings.mchid": "商户号。",
    "settings.serial": "商户 API 证书序列号。",
    "settings.private_key": "商户私钥 apiclient_key.pem 的路径。",
    "settings.public_key_id": "微信支付公钥 ID，PUB_KEY_ID_…。",
    "settings.public_key": "微信支付公钥 pub_key.pem 的路径。",
    "settings.certs_dir": "平台证书目录，见 `certs`。",
    "settings.apiv3_key_file": "存有 APIv3 密钥的文件路径。",
    "settings.secret_file": "存有 APIv2 密钥的文件路径。",
    "settings.merchant_cert": "apiclient_cert.pem 的路径，用于双向 TLS。",
    "settings.brand_id": "品牌 ID，代替商户号。",
    "settings.base_url": "其他域名，例如沙箱的地址。",
    "request.help": """\
发起任意调用（无论文档是否收录），自动签名并验签。

--data 的字段按目录中记录的类型发送（见 `wechatpay api show VERB PATH`）：amount.total=1 成为数字，\
out_trade_no=1 仍为文本。点号进入对象，其间的数字表示列表中的位置。文档没有的字段一律为文本。\
name:=JSON 可指定类型。个人信息最好放在文件中由 --json 读取：命令行上的内容本机所有人都能看到。
\f
wechatpay request post v3/pay/transactions/native --env-file wechatpay.env \\
    -d appid=wxd678efh567hg6787 -d mchid=1900000109 -d description=QQ公仔 \\
    -d out_trade_no=1217752501201407033233368018 -d amount.total=1 \\
    -d notify_url=https://www.example.com/notify
wechatpay request get 'v3/pay/transactions/out-trade-no/{out_trade_no}' \\
    -p out_trade_no=1217752501201407033233368018 -q mchid=1900000109
""",
    "request.verb": "get、post、put、patch 或 delete。",
    "request.path": "路径，以 v3/ 或 v2/ 开头，可含 {占位符}，其后可跟 ?查询参数。",
    "request.data": "请求体的一个字段：NAME=VALUE 或 NAME:=JSON；使用 --media 时为 meta 的字段。"
    "可重复。",
    "request.json": "JSON 请求体文件，- 表示标准输入。",
    "request.xml": "APIv2 的 XML 请求体文件（未签名），- 表示标准输入。",
    "request.placeholder": "路径中 {占位符} 的值：NAME=VALUE。",
    "request.query": "查询参数：NAME=VALUE。",
    "request.header": "请求头：“Name: value”。",
    "request.media": "要上传的文件。",
    "request.output": "应答体写入的文件，代替标准输出。",
    "request.timeout": "连接、读、写各自的超时秒数。",
    "request.decrypt": "解密应答中的敏感字段。",
    "request.no_encrypt": "敏感字段原样发送。",
    "request.raw": "逐字节输出应答体，在终端上也如此。",
    "request.pretty": "缩进 JSON，在管道中也如此。",
    "request.verbose": "显示发出的请求头、被签名的内容和应答头，其中的密钥和签名会被遮盖。",
    "request.dry_run": "只显示将要发送的内容，不发送。",
    "certs.help": """\
下载平台证书，验证后存入目录。

每个证书写为 序列号.pem，可由 WECHATPAY_CERTS_DIR、--certs-dir 或 Python 中的 certs= 读取。\
证书由 APIv3 密钥加密，因此需要该密钥。
\f
wechatpay certs certificates --env-file wechatpay.env
""",
    "certs.directory": "目录，默认为 certificates。",
    "bill.help": """\
下载某一天的账单并校验哈希。

默认原样写入 bill-类型-日期.csv。--csv 输出不带反引号的 CSV，--json 每行输出一个对象\
（金额和时间为文本），--summary 只输出汇总。
\f
wechatpay bill yesterday --summary --env-file wechatpay.env
wechatpay bill 2026-11-21 --kind refund --json -o refunds.jsonl
""",
    "bill.day": "日期，如 2026-11-21，或 yesterday（北京时间的昨天）。",
    "bill.kind": "trade（交易）、refund（退款）、fund-flow（资金）、sub-fund-flow（子商户资金）或 \
ecommerce-fund-flow（平台全部二级商户资金）；默认 trade。后两种是加密账单，会自动解密。",
    "bill.account": "资金账单的账户：basic、operation 或 fees；默认 basic。",
    "bill.sub_mchid": "服务商：某个子商户的账单。",
    "bill.output": "写入的文件。",
    "bill.csv": "以普通 CSV 输出各行；表格软件会当作公式执行的文本前加 '。",
    "bill.json": "以 JSON 输出，每行一个对象。",
    "bill.summary": "只输出汇总。",
    "download.help": """\
下载 download_url 指向的文件，校验、解压后写入。

文件完整后才会出现。不属于微信支付 API 的域名不会收到签名。
\f
wechatpay download 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=…' \\
    -o bill.csv --sha1 79bb0f45fc4c42234a918000b2668d689e2bde04
wechatpay download - -o bill.csv < answer.json
""",
    "download.url": "download_url，须在几分钟的有效期内使用；或 -，表示从标准输入读取返回它的应答，\
加密账单也可以。",
    "download.output": "写入的文件，- 表示标准输出；默认取 URL 中的文件名，此时不覆盖已有文件。",
    "download.sha1": "随 URL 一起返回的 hash_value。",
    "notify.help": """\
查看保存下来的回调通知：原始请求体和请求头。
\f
wechatpay notify decrypt body.json --headers headers.txt --any-age
""",
    "notify.verify.help": """\
验证通知的签名，并显示信封内容。

APIv2 的 XML 自带签名，不需要请求头，但需要 APIv2 密钥。
\f
wechatpay notify verify body.json --headers headers.txt --any-age
""",
    "notify.decrypt.help": """\
验证通知的签名，并显示解密后的内容。
\f
wechatpay notify decrypt body.json --headers headers.txt --any-age
""",
    "notify.body": "存有原始请求体的文件，默认为标准输入。",
    "notify.headers": "存有请求头的文件：每行“Name: value”，或一个 JSON 对象。",
    "notify.header": "一个请求头：“Name: value”。",
    "notify.any_age": "接受五分钟以前的签名，用于保存下来的通知。",
    "notify.unverified": "不检查来源，直接解密。",
    "sign.help": """\
签名：字节、请求的 Authorization 头、APIv2 字段，或调起支付的参数。

字节来自文件或标准输入，原样签名（SHA256-RSA2048）。
\f
printf 'a message' | wechatpay sign --env-file wechatpay.env
wechatpay sign body.json --verb post --target /v3/pay/transactions/native
wechatpay sign --prepay-id wx201410272009395522657a690389285100 --appid wxd678efh567hg6787
""",
    "sign.file": "文件，默认为标准输入。",
    "sign.verb": "输出以此动词发起的请求的 Authorization 头，文件为请求体。",
    "sign.target": "该请求的路径和查询参数，与实际发送的一致。",
    "sign.v2": "输出 APIv2 字段（XML）的 sign。",
    "sign.prepay_id": "输出在用户端调起此支付的参数。",
    "sign.appid": "下单时使用的 appid。",
    "sign.for": "用户支付的场景：jsapi、miniprogram 或 app；默认 jsapi。",
    "verify.help": """\
验证微信支付应答或通知的签名。

文件为原始的应答体。APIv2 的 XML 自带签名；APIv3 只需微信支付公钥及其 ID。
\f
wechatpay verify body.json --headers headers.txt --any-age \\
  --public-key pub_key.pem --public-key-id PUB_KEY_ID_0114232134912410000000000000
""",
    "encrypt.help": """\
用微信支付的密钥加密敏感字段。

文本在输入时不显示，或来自文件、管道（末尾的一个换行不计入）。\
请求须在 Wechatpay-Serial 头中写明所用密钥。
\f
wechatpay encrypt name.txt --env-file wechatpay.env
""",
    "encrypt.file": "存有文本的文件，默认为标准输入。",
    "encrypt.json": "以 JSON 输出，包括密钥 ID。",
    "decrypt.help": """\
用商户私钥解密应答中的字段，或用 APIv3 密钥解密 resource。
\f
wechatpay decrypt ciphertext.txt --env-file wechatpay.env
wechatpay decrypt ciphertext.txt --nonce fdasflkja484 --associated-data transaction
""",
    "decrypt.file": "存有 base64 密文的文件，默认为标准输入。",
    "decrypt.nonce": "随密文的 nonce：表示由 APIv3 密钥加密。",
    "decrypt.associated": "随密文的 associated_data。",
    "api.help": """\
全部文档接口的目录。
\f
wechatpay api search 退款
wechatpay api show post v3/refund/domestic/refunds
""",
    "api.search.help": """\
列出路径、名称或产品中含有全部关键词的接口。
\f
wechatpay api search native 下单
""",
    "api.show.help": """\
显示一个接口：字段、类型、是否必填或加密，以及官方文档链接。
\f
wechatpay api show post v3/pay/transactions/native
""",
    "api.words": "关键词，如 退款 或 refunds。",
    "api.show_verb": "动词；默认显示该路径的全部动词。",
    "api.show_path": "路径，可含 {占位符} 或实际的值；或被拒绝时的 Request-ID。",
    "api.open": "在浏览器中打开官方页面。",
    "api.json": "以 JSON 输出。",
    "sandbox.help": """\
运行自己的微信支付沙箱，直到 Ctrl-C。

它会打印连接所需的配置，可用于 --env-file 或 shell，此后每个请求和通知各打印一行。密钥、序列号\
和端口在重启后不变。需要额外组件 sandbox。
\f
wechatpay sandbox --port 8080 > sandbox.env &
wechatpay doctor --env-file sandbox.env
""",
    "sandbox.port": "端口；默认用上次的，没有则取一个空闲端口。0 取一个空闲端口。",
    "sandbox.host": "地址；默认 127.0.0.1。",
    "sandbox.mode": "对应答签名的密钥：public-key（公钥，默认）、certificate（平台证书）"
    "或 switching（两者）。",
    "sandbox.state": "把一切记在此文件中；默认只保存密钥和端口。",
    "sandbox.fault": "要注入的故障，如 'post v3/pay/** reset-after times=1'。可重复。",
    "sandbox.probes": "故意签错的通知所占的比例，0 到 1。",
    "sandbox.seed": "随机种子，使结果（签名探测和故障）可复现。",
    "sandbox.tls": "以 TLS 提供服务，证书为此生成，配置中会指明。",
    "sandbox.sm": "用国密密钥代替 RSA，供国密商户使用；需要额外组件 gm。",
    "sandbox.new_keys": "生成新密钥；默认沿用上次的。",
    "sandbox.public_url": "别人访问它的地址，如 http://sandbox:8080：用于配置、输出和页面。",
    "sandbox.allow_host": "除本机外还可以通知的主机，须完全相同。可重复；不会访问其他任何主机。",
    "sandbox.open": "在浏览器中打开页面。",
    "tell.help": """\
让用户做某件事，或控制沙箱：时钟、故障、通知。

不写名称则列出全部。没有配置时，找的是本用户用 `wechatpay sandbox` 启动的沙箱。每一项也是一个签名的\
请求 POST sandbox/…。
\f
wechatpay tell pay 1217752501201407033233368018
wechatpay tell complain 1217752501201407033233368018 '布娃娃少了一只眼睛' -d refund=true
wechatpay tell advance 1d
wechatpay tell add-fault 'post v3/pay/** reset-after times=1'
""",
    "tell.what": "要做的事；不写则列出全部。",
    "tell.values": "所需的值，按列出的顺序。",
    "tell.data": "其他的值：NAME=VALUE。",
    "do.pay": "用户支付订单，你会收到通知。",
    "do.fail": "支付失败，或用户放弃。",
    "do.end_refund": "处于 PROCESSING 的退款结束。",
    "do.confirm_transfer": "用户确认收下转账。",
    "do.authorize": "用户同意支付分服务授权。",
    "do.end_authorization": "用户解除授权。",
    "do.confirm_service_order": "用户确认支付分订单。",
    "do.pay_service_order": "用户支付完结金额。",
    "do.complain": "用户投诉一笔订单。",
    "do.fail_transfer": "转账失败，资金退回。",
    "do.limit_transfers": "设置单笔转账上限（分）；0 为不限。",
    "do.confirm_transfer_authorization": "用户同意免确认收款授权。",
    "do.end_transfer_authorization": "用户或微信支付解除免确认收款授权。",
    "do.answer_transfer_permit": "子商户同意或拒绝服务商代其转账。",
    "do.allow_old_transfers": "开通或关闭旧版商家转账到零钱。",
    "do.set_sharing_ratio": "设置最大分账比例。",
    "do.set_balance": "设置账户的可用余额（分）。",
    "do.top_up": "商户从银行向账户转账充值。",
    "do.complete_recharge": "充值单的银行资金到账。",
    "do.end_withdrawal": "提现失败，或提前到账。",
    "do.return_withdrawal": "银行退票。",
    "do.receive_voucher": "用户领取商家券。",
    "do.receive_product_coupon": "用户领取商品券。",
    "do.step_applyment": "电商二级商户进件进入下一步，或被驳回、冻结。",
    "do.step_application": "特约商户进件进入下一步，或被驳回。",
    "do.allow_service": "为商户开通一项支付分服务。",
    "do.allow_late_cancellation": "是否允许支付分订单完结后撤销。",
    "do.status": "沙箱时间、所用的密钥和生效的故障。",
    "do.rotate": "微信支付换用新的平台证书签名。",
    "do.add_fault": "此后请求出故障：方法、路径、种类、name=value。",
    "do.clear_faults": "移除全部故障，或指定编号的一个。",
    "do.refuse": "请求被以文档中的错误码拒绝。",
    "do.trigger": "发送文档中任意事件的通知。",
    "do.advance": "时钟快进：90s、15m、2h 或 1d。",
    "do.latest_notifications": "最近发送的通知，以及商户系统的应答。",
    "do.deliver": "重发通知：所有待重发的，或指定的。",
    "do.probes": "按比例（0 到 1）故意签错通知。",
    "do.probe": "向一个 URL 发送签名错误的通知。",
    "trigger.help": """\
让沙箱发送文档中任意事件的通知，格式与文档一致。

没有配置时，找的是本用户用 `wechatpay sandbox` 启动的沙箱。
\f
wechatpay trigger TRANSACTION.SUCCESS -d notify_url=http://127.0.0.1:8000/notify
""",
    "trigger.event": "event_type，如 TRANSACTION.SUCCESS 或 REFUND.SUCCESS。",
    "trigger.data": "通知内容的字段，或 notify_url：NAME=VALUE 或 NAME:=JSON。可重复。",
    "listen.help": """\
把沙箱的通知转发到本机的商户系统，并逐条打印，直到 Ctrl-C。

无论 notify_url 是什么，全部原样（含签名）转来，商户系统的应答照样算数。沙箱访问不到\
商户系统时（如在容器里）也能用。没有配置时，找的是本用户用 `wechatpay sandbox` 启动的沙箱。
\f
wechatpay listen --forward-to http://127.0.0.1:8000/notify
""",
    "listen.forward_to": "转发到哪里。",
    "listen.count": "转发这么多条后结束；默认不结束。",
    "demo.help": """\
运行演示：一个调用的六种写法，以及一笔订单的全过程。
\f
wechatpay demo
""",
    "mcp.help": """\
通过标准输入输出，以 MCP（Model Context Protocol）为编程助手提供工具。

默认连接自带的沙箱，或配置指向的沙箱。只有加 --live 才会访问真实商户；除 --allow 列出的之外，\
不会对真实商户做任何改动。需要额外组件 mcp。
\f
wechatpay mcp
wechatpay mcp --env-file wechatpay.env --live --allow 'post v3/refund/domestic/refunds'
""",
    "mcp.live": "访问配置里的真实商户；默认：沙箱。",
    "mcp.allow": "允许对真实商户发起的请求：动词和文档里的路径。可重复。",
    "mcp.personal": "显示加密字段、openid 和姓名；默认：打码。",
    "skill.help": """\
打印编程助手技能（skill）所在的位置，或把它复制到项目里。
\f
wechatpay skill
wechatpay skill install --into .agents/skills
""",
    "skill.action": "install 复制；默认：只打印位置。",
    "skill.into": "复制到哪个技能目录；默认：.agents/skills。",
    "skill.force": "覆盖已有的。",
    "init.help": """\
询问配置，逐项检查，写入只有你能读的文件。

已由选项或变量给出的配置会作为默认值；加 --no-input 时只用这些。不会发送任何内容，\
输入密钥时不显示。
\f
wechatpay init wechatpay.env
wechatpay init wechatpay.env --no-input --mchid 1900000109 --private-key apiclient_key.pem …
""",
    "init.output": "文件；默认为 wechatpay.env。",
    "init.force": "替换已存在的文件。",
    "init.no_input": "不询问。",
    "doctor.help": """\
检查本机配置及其在微信支付一侧的情况，并说明怎么办。

会发起两次没有任何影响的调用：v3/certificates，以及（若已开通）v3/security/echo。\
退出码取第一个失败项的。
\f
wechatpay doctor --env-file wechatpay.env
""",
}
