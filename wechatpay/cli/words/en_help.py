"""How commands and options are described in English; behind a form feed stands an example."""

from __future__ import annotations

HELP = {
    "help.usage": "Usage: ",
    "help.example": "Example:",
    "help.commands": "Commands:",
    "help.arguments": "Arguments:",
    "help.options": "Options:",
    "help.settings": "Settings:",
    "help.required": " (required)",
    "help.help": "Show this and exit.",
    "help.install_completion": "Install completion for the current shell.",
    "help.show_completion": "Show the completion script for the current shell.",
    "root.help": """\
WeChat Pay's merchant API on the command line.

Who you are is taken from options, then from the file of --env-file, else from the WECHATPAY_… \
variables of the environment. With --env-file the environment's are not looked at, so that two \
merchants never mix. Secrets are never options: they come from these files and variables, or from \
a file that an option names, and are never shown.

Results go to standard output, everything else to standard error. On a terminal JSON is indented \
and colored (NO_COLOR turns that off); in a pipe it is what WeChat Pay sent, byte for byte. \
Chinese or English is chosen by LC_ALL, LC_MESSAGES or LANG.
\f
wechatpay sandbox --port 8080 > sandbox.env &
wechatpay doctor --env-file sandbox.env
""",
    "root.version": "Show the version and exit.",
    "root.exits": """\
Exit status:
0  all is well
1  WeChat Pay refused, and nothing was done; nothing was found; or `verify` finds it wrong
2  the command line is not valid
3  settings, or an extra, are missing or wrong
4  no answer came, and nothing was done: it may be sent again
5  an answer or a notification is not verified, or does not decrypt
6  the outcome is unknown: query before sending it again, under the same number
7  a file cannot be read or written, or is not what it should be
130  interrupted by Ctrl-C
141  the reader of the output has gone""",
    "settings.env_file": "A file of `export WECHATPAY_…=…` lines, as `init` writes it and `sandbox`"
    " prints it.",
    "settings.mchid": "The merchant number, 商户号.",
    "settings.serial": "The merchant API certificate's serial number.",
    "settings.private_key": "The path of the merchant's key, apiclient_key.pem.",
    "settings.public_key_id": "The id of WeChat Pay's public key, PUB_KEY_ID_….",
    "settings.public_key": "The path of WeChat Pay's public key, pub_key.pem.",
    "settings.certs_dir": "A directory of platform certificates; see `certs`.",
    "settings.apiv3_key_file": "The path of a file that holds the APIv3 key.",
    "settings.secret_file": "The path of a file that holds the APIv2 key.",
    "settings.merchant_cert": "The path of apiclient_cert.pem, for mutual TLS.",
    "settings.brand_id": "The brand's number, 品牌ID, in place of the merchant's.",
    "settings.base_url": "Another host, such as a sandbox's.",
    "request.help": """\
Make any call, documented or not, signed and verified.

Fields of --data get the type that the catalogue documents for them (`wechatpay api show VERB \
PATH`): amount.total=1 becomes a number, out_trade_no=1 stays text. Dots lead into objects, \
numbers between them into lists. Fields that are not documented are text. name:=JSON overrides \
the type. Personal data is better kept in a file for --json: everyone on this machine can see a \
command line.
\f
wechatpay request post v3/pay/transactions/native --env-file wechatpay.env \\
    -d appid=wxd678efh567hg6787 -d mchid=1900000109 -d description=QQ公仔 \\
    -d out_trade_no=1217752501201407033233368018 -d amount.total=1 \\
    -d notify_url=https://www.example.com/notify
wechatpay request get 'v3/pay/transactions/out-trade-no/{out_trade_no}' \\
    -p out_trade_no=1217752501201407033233368018 -q mchid=1900000109
""",
    "request.verb": "get, post, put, patch or delete.",
    "request.path": "The path, with its v3/ or v2/ and {placeholders}; a ?query may follow.",
    "request.data": "A field of the body, or with --media of its meta: NAME=VALUE or NAME:=JSON. "
    "Repeat it for more.",
    "request.json": "A file with a body in JSON, or - for standard input.",
    "request.xml": "A file with an APIv2 body in XML, unsigned, or - for standard input.",
    "request.placeholder": "The value of a {placeholder}: NAME=VALUE.",
    "request.query": "A parameter of the query: NAME=VALUE.",
    "request.header": "A header: 'Name: value'.",
    "request.media": "A file to upload.",
    "request.output": "Where to put the answer's body, instead of standard output.",
    "request.timeout": "Seconds for connecting, reading and writing each.",
    "request.decrypt": "Decrypt the answer's sensitive fields.",
    "request.no_encrypt": "Send sensitive fields as they are.",
    "request.raw": "Print the body byte for byte, on a terminal too.",
    "request.pretty": "Indent JSON, in a pipe too.",
    "request.verbose": "Show what was sent, what of it was signed, and the answer's head, with \
secrets masked.",
    "request.dry_run": "Print what would be sent, and send nothing.",
    "certs.help": """\
Download the platform certificates, verified, into a directory.

Each is written as SERIAL.pem. WECHATPAY_CERTS_DIR, --certs-dir and certs= in Python read them. \
Needs the APIv3 key, which they are encrypted with.
\f
wechatpay certs certificates --env-file wechatpay.env
""",
    "certs.directory": "The directory; default: certificates.",
    "bill.help": """\
Download a day's bill and check its hash.

As it is, it is written to bill-KIND-DATE.csv. --csv makes CSV without WeChat Pay's back-quotes, \
--json one object a line (amounts and times as text), --summary what the bill comes to.
\f
wechatpay bill yesterday --summary --env-file wechatpay.env
wechatpay bill 2026-11-21 --kind refund --json -o refunds.jsonl
""",
    "bill.day": "The day, such as 2026-11-21, or yesterday (in China).",
    "bill.kind": "trade, refund, fund-flow, sub-fund-flow (a sub-merchant's) or \
ecommerce-fund-flow (all of a platform's); default: trade. The last two come encrypted.",
    "bill.account": "Of a fund-flow bill: basic, operation or fees; default: basic.",
    "bill.sub_mchid": "Of a service provider: one sub-merchant's bill.",
    "bill.output": "Where to put it.",
    "bill.csv": "Rows as plain CSV; a text that a spreadsheet would run has a ' before it.",
    "bill.json": "Rows as JSON, one a line.",
    "bill.summary": "Only the totals.",
    "download.help": """\
Fetch what a download_url names, checked and unpacked, into its place.

The file appears when it is whole. A host that is not WeChat Pay's API sees no signature.
\f
wechatpay download 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=…' \\
    -o bill.csv --sha1 79bb0f45fc4c42234a918000b2668d689e2bde04
wechatpay download - -o bill.csv < answer.json
""",
    "download.url": "The download_url, used within the few minutes that it is valid; or - for the \
answer that it came in, as JSON on standard input: so are encrypted bills and their parts.",
    "download.output": "The file, or - for standard output; default: the URL's last name, and \
then nothing is replaced.",
    "download.sha1": "The hash_value that came with the URL.",
    "notify.help": """\
Look at a notification that was saved: its raw body, and its headers.
\f
wechatpay notify decrypt body.json --headers headers.txt --any-age
""",
    "notify.verify.help": """\
Check a notification's signature, and print its envelope.

APIv2's XML carries its signature itself, and needs no headers but the APIv2 key.
\f
wechatpay notify verify body.json --headers headers.txt --any-age
""",
    "notify.decrypt.help": """\
Check a notification's signature, and print what is encrypted in it.
\f
wechatpay notify decrypt body.json --headers headers.txt --any-age
""",
    "notify.body": "The file with the raw body; default: standard input.",
    "notify.headers": "A file with the headers: 'Name: value' lines, or a JSON object.",
    "notify.header": "One of the headers: 'Name: value'.",
    "notify.any_age": "Accept a signature that is older than five minutes, for what was saved.",
    "notify.unverified": "Open it without checking who sent it.",
    "sign.help": """\
Sign: bytes, a request's Authorization header, APIv2 fields, or what starts a payment.

Bytes come from a file or standard input, and are signed as they are (SHA256-RSA2048).
\f
printf 'a message' | wechatpay sign --env-file wechatpay.env
wechatpay sign body.json --verb post --target /v3/pay/transactions/native
wechatpay sign --prepay-id wx201410272009395522657a690389285100 --appid wxd678efh567hg6787
""",
    "sign.file": "The file; default: standard input.",
    "sign.verb": "Print the Authorization header of a request with this verb, the file its body.",
    "sign.target": "That request's path and query, as on the wire.",
    "sign.v2": "Print the sign of APIv2 fields, given as XML.",
    "sign.prepay_id": "Print what starts this payment at the customer's.",
    "sign.appid": "The appid that the payment was made with.",
    "sign.for": "Where the customer pays: jsapi, miniprogram or app; default: jsapi.",
    "verify.help": """\
Check WeChat Pay's signature of an answer or a notification.

The file holds the raw body. APIv2's XML carries its signature itself. For APIv3 it takes WeChat \
Pay's public key and its id, and nothing else.
\f
wechatpay verify body.json --headers headers.txt --any-age \\
  --public-key pub_key.pem --public-key-id PUB_KEY_ID_0114232134912410000000000000
""",
    "encrypt.help": """\
Encrypt a sensitive field with WeChat Pay's key.

The text is typed unseen, or comes from a file or a pipe, whose last line end is not part of it. \
The request must name the key in its header Wechatpay-Serial.
\f
wechatpay encrypt name.txt --env-file wechatpay.env
""",
    "encrypt.file": "The file with the text; default: standard input.",
    "encrypt.json": "Print the key's id too, as JSON.",
    "decrypt.help": """\
Decrypt a field of an answer with the merchant's key, or a resource with the APIv3 key.
\f
wechatpay decrypt ciphertext.txt --env-file wechatpay.env
wechatpay decrypt ciphertext.txt --nonce fdasflkja484 --associated-data transaction
""",
    "decrypt.file": "The file with the ciphertext in base64; default: standard input.",
    "decrypt.nonce": "The nonce beside the ciphertext: it was encrypted with the APIv3 key.",
    "decrypt.associated": "The associated_data beside the ciphertext.",
    "api.help": """\
The catalogue of every documented endpoint.
\f
wechatpay api search 退款
wechatpay api show post v3/refund/domestic/refunds
""",
    "api.search.help": """\
List the endpoints that have every word in their path, title or product.
\f
wechatpay api search native 下单
""",
    "api.show.help": """\
Show an endpoint: its fields, their types, which are required or encrypted, and the official page.
\f
wechatpay api show post v3/pay/transactions/native
""",
    "api.words": "Words, such as 退款 or refunds.",
    "api.show_verb": "The verb; default: all of a path's.",
    "api.show_path": "The path, with {placeholders} or with values; or a refusal's Request-ID.",
    "api.open": "Open the official page in a browser.",
    "api.json": "Print it as JSON.",
    "sandbox.help": """\
Serve a WeChat Pay of your own until Ctrl-C.

It prints the settings that lead to it, for --env-file or a shell, and then a line for each \
request and notification. Keys, serial numbers and port stay the same after a restart. Needs the \
extra sandbox.
\f
wechatpay sandbox --port 8080 > sandbox.env &
wechatpay doctor --env-file sandbox.env
""",
    "sandbox.port": "The port; default: last time's, or a free one. 0 takes a free one.",
    "sandbox.host": "The address; default: 127.0.0.1.",
    "sandbox.mode": "The key that signs answers: public-key (default), certificate, or "
    "switching for both.",
    "sandbox.state": "Remember everything in this file; default: only keys and port are kept.",
    "sandbox.fault": "What goes wrong, such as 'post v3/pay/** reset-after times=1'. Repeat it for "
    "more.",
    "sandbox.probes": "The share of notifications that are signed wrongly on purpose, 0 to 1.",
    "sandbox.seed": "The random seed of probes and faults.",
    "sandbox.tls": "Serve by TLS, with certificates made for it, which the settings name.",
    "sandbox.sm": "Have SM keys in place of RSA, for merchants with 国密; needs the extra gm.",
    "sandbox.new_keys": "Make new keys; default: those of the last time.",
    "sandbox.public_url": "How others reach it, such as http://sandbox:8080: in the settings, in \
what is printed and on the page.",
    "sandbox.allow_host": "A host, by exact name, that notifications are sent to beside this \
machine. Repeat it for more; nobody else is ever called.",
    "sandbox.open": "Open the page in a browser.",
    "tell.help": """\
Have the customer do something, or tell the sandbox: its clock, faults, notifications.

Without a name it lists what there is. Without settings it speaks to the sandbox that this user \
has started with `wechatpay sandbox`. Each is a signed call of POST sandbox/… as well.
\f
wechatpay tell pay 1217752501201407033233368018
wechatpay tell complain 1217752501201407033233368018 '布娃娃少了一只眼睛' -d refund=true
wechatpay tell advance 1d
wechatpay tell add-fault 'post v3/pay/** reset-after times=1'
""",
    "tell.what": "What to do or tell; without it, all of them are listed.",
    "tell.values": "The values that it needs, in the order in which they are listed.",
    "tell.data": "Another value: NAME=VALUE.",
    "do.pay": "The customer pays an order; you are notified.",
    "do.fail": "The payment fails, or the customer gives up.",
    "do.end_refund": "A refund that is PROCESSING ends.",
    "do.confirm_transfer": "The user takes the money of a transfer.",
    "do.authorize": "The user agrees to a pay-score service.",
    "do.end_authorization": "The user ends the authorization of a pay-score service.",
    "do.confirm_service_order": "The user confirms a pay-score order.",
    "do.pay_service_order": "The user pays what a pay-score order came to.",
    "do.complain": "The customer complains about an order.",
    "do.fail_transfer": "A transfer fails: its money is back.",
    "do.limit_transfers": "The highest sum of one transfer, in fen; 0 for none.",
    "do.confirm_transfer_authorization": "The user agrees to transfers without confirmation.",
    "do.end_transfer_authorization": "The user or WeChat Pay ends that agreement.",
    "do.answer_transfer_permit": "A sub-merchant permits its partner's transfers, or not.",
    "do.allow_old_transfers": "The merchant has the old transfers (商家转账到零钱), or not.",
    "do.set_sharing_ratio": "The share of a payment that can be shared with others.",
    "do.set_balance": "So many fen are available on an account.",
    "do.top_up": "The merchant sends money from its bank to an account.",
    "do.complete_recharge": "The bank sends what a top-up was asked for.",
    "do.end_withdrawal": "A withdrawal fails, or arrives at once.",
    "do.return_withdrawal": "The bank sends a withdrawal back (退票).",
    "do.receive_voucher": "A user receives a merchant's coupon (商家券).",
    "do.receive_product_coupon": "A user receives a coupon for a product (商品券).",
    "do.step_applyment": "A platform's application goes on by one step, or ends.",
    "do.step_application": "A partner's application (特约商户进件) goes on by one step.",
    "do.allow_service": "The merchant may use one more pay-score service.",
    "do.allow_late_cancellation": "Whether a completed pay-score order may be cancelled.",
    "do.status": "The sandbox's time, its keys, and the faults in force.",
    "do.rotate": "WeChat Pay signs with a new platform certificate.",
    "do.add_fault": "Requests fail from now on: verb, path, kind, name=value.",
    "do.clear_faults": "All faults end, or the one of a number.",
    "do.refuse": "Requests are refused with a documented code.",
    "do.trigger": "A notification of any documented event is sent.",
    "do.advance": "The clock moves ahead: 90s, 15m, 2h or 1d.",
    "do.latest_notifications": "What was sent lately, and what the shop answered.",
    "do.deliver": "Notifications are sent again: those that wait, or these.",
    "do.probes": "A share of notifications, 0 to 1, is signed wrongly on purpose.",
    "do.probe": "A notification whose signature is wrong is sent to a URL.",
    "trigger.help": """\
Have the sandbox send a notification of any documented event, in its documented shape.

Without settings it speaks to the sandbox that this user has started with `wechatpay sandbox`.
\f
wechatpay trigger TRANSACTION.SUCCESS -d notify_url=http://127.0.0.1:8000/notify
""",
    "trigger.event": "The event_type, such as TRANSACTION.SUCCESS or REFUND.SUCCESS.",
    "trigger.data": "A field of what it tells, or its notify_url: NAME=VALUE or NAME:=JSON. Repeat \
it for more.",
    "listen.help": """\
Bring the sandbox's notifications to a shop on this machine, and print each, until Ctrl-C.

All of them come, whatever their notify_url, as they are signed, and the shop's answer counts. It \
works where the sandbox cannot reach the shop, such as from a container. Without settings it \
speaks to the sandbox that this user has started with `wechatpay sandbox`.
\f
wechatpay listen --forward-to http://127.0.0.1:8000/notify
""",
    "listen.forward_to": "Where to bring them.",
    "listen.count": "End after so many; default: never.",
    "demo.help": """\
Run the demonstration: one call in six spellings, and the life of an order.
\f
wechatpay demo
""",
    "mcp.help": """\
Serve tools for a coding agent, by the Model Context Protocol, over standard input.

It talks to a sandbox of its own, or to the one that the settings lead to. A real merchant is \
asked with --live only, and nothing is changed there that --allow does not name. Needs the extra \
mcp.
\f
wechatpay mcp
wechatpay mcp --env-file wechatpay.env --live --allow 'post v3/refund/domestic/refunds'
""",
    "mcp.live": "Talk to the real merchant of the settings; default: to a sandbox.",
    "mcp.allow": "A verb and a documented path that may be called for a real merchant. "
    "Repeat it for more.",
    "mcp.personal": "Show sealed fields, openids and names; default: they are masked.",
    "skill.help": """\
Say where the skill for coding agents is, or copy it into a project.
\f
wechatpay skill
wechatpay skill install --into .agents/skills
""",
    "skill.action": "install copies it; default: only its place is printed.",
    "skill.into": "The folder of skills that it is copied into; default: .agents/skills.",
    "skill.force": "Replace one that is there.",
    "init.help": """\
Ask for the settings, check each, and write a file that only you can read.

Settings that are given already, by options or variables, are suggested; with --no-input they are \
all there is. Nothing is sent. Nobody sees the keys while they are typed.
\f
wechatpay init wechatpay.env
wechatpay init wechatpay.env --no-input --mchid 1900000109 --private-key apiclient_key.pem …
""",
    "init.output": "The file; default: wechatpay.env.",
    "init.force": "Replace a file that is there.",
    "init.no_input": "Ask nothing.",
    "doctor.help": """\
Check the settings, here and at WeChat Pay, and say what to do about each.

It makes two calls, which move nothing: v3/certificates, and v3/security/echo where that is \
allowed. The exit status is the first failure's.
\f
wechatpay doctor --env-file wechatpay.env
""",
}
