"""Methods of the packages wechatpayv3 (2.0.4) and wechatpy, and what takes their place here.

It is loaded only when one of them is called. The documentation's pages about switching from there
show the same.
"""

# ruff: noqa: E501
from __future__ import annotations

__all__ = ["CALLS", "OWN", "WECHATPY"]

OWN = {
    "callback": "wxpay.notification(headers, body)",
    "complaint_image_download": "wxpay.download(media_url, to)",
    "decrypt": "wxpay.decrypt(ciphertext)",
    "decrypt_callback": "wxpay.notification(headers, body).resource",
    "download_bill": "wxpay.download(answer, to)",
    "fapiao_download_file": "wxpay.download(download_url, to)",
    "sign": "wxpay.paysign.jsapi(appid, prepay_id)",
}
"""Methods for which a client has one of its own."""

CALLS = """\
abnormal_refund post v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund
apply4subject_cancel post v3/apply4subject/applyment/{applyment_id}/cancel
apply4subject_query get v3/apply4subject/applyment
apply4subject_state get v3/apply4subject/applyment/merchants/{sub_mchid}/state
apply4subject_submit post v3/apply4subject/applyment
applyment_query get v3/applyment4sub/applyment/business_code/{business_code}
applyment_query get v3/applyment4sub/applyment/applyment_id/{applyment_id}
applyment_settlement_modify post v3/apply4sub/sub_merchants/{sub_mchid}/modify-settlement
applyment_settlement_query get v3/apply4sub/sub_merchants/{sub_mchid}/settlement
applyment_submit post v3/applyment4sub/applyment/
brand_profitsharing_add_receiver post v3/brand/profitsharing/receivers/add
brand_profitsharing_amount_query get v3/brand/profitsharing/orders/{transaction_id}/amounts
brand_profitsharing_config_query get v3/brand/profitsharing/brand-configs/{brand_mchid}
brand_profitsharing_delete_receiver post v3/profitsharing/receivers/delete
brand_profitsharing_order post v3/brand/profitsharing/orders
brand_profitsharing_order_query get v3/brand/profitsharing/orders
brand_profitsharing_return post v3/brand/profitsharing/returnorders
brand_profitsharing_return_query get v3/brand/profitsharing/returnorders
brand_profitsharing_unfreeze post v3/brand/profitsharing/finish-order
business_parking_sync post v3/businesscircle/parkings
business_point_status get v3/businesscircle/users/{openid}/points/commit_status
capital_branches get v3/capital/capitallhh/banks/{bank_alias_code}/branches
capital_cities get v3/capital/capitallhh/areas/provinces/{province_code}/cities
capital_corporate_banks get v3/capital/capitallhh/banks/corporate-banking
capital_personal_banks get v3/capital/capitallhh/banks/personal-banking
capital_provinces get v3/capital/capitallhh/areas/provinces
capital_search_bank_number get v3/capital/capitallhh/banks/search-banks-by-bank-account
close post v3/pay/transactions/out-trade-no/{out_trade_no}/close
codepay_reverse post v3/pay/transactions/out-trade-no/{out_trade_no}/reverse
combine_close post v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close
combine_pay post v3/combine-transactions/jsapi
combine_pay post v3/combine-transactions/app
combine_pay post v3/combine-transactions/h5
combine_pay post v3/combine-transactions/native
combine_query get v3/combine-transactions/out-trade-no/{combine_out_trade_no}
complaint_complete post v3/merchant-service/complaints-v2/{complaint_id}/complete
complaint_detail_query get v3/merchant-service/complaints-v2/{complaint_id}
complaint_history_query get v3/merchant-service/complaints-v2/{complaint_id}/negotiation-historys
complaint_image_upload post v3/merchant-service/images/upload
complaint_list_query get v3/merchant-service/complaints-v2
complaint_notification_create post v3/merchant-service/complaint-notifications
complaint_notification_delete delete v3/merchant-service/complaint-notifications
complaint_notification_query get v3/merchant-service/complaint-notifications
complaint_notification_update put v3/merchant-service/complaint-notifications
complaint_response post v3/merchant-service/complaints-v2/{complaint_id}/response
complaint_update_refund post v3/merchant-service/complaints-v2/{complaint_id}/update-refund-progress
fapiao_applications post v3/new-tax-control-fapiao/fapiao-applications
fapiao_card_template post v3/new-tax-control-fapiao/card-template
fapiao_check_submch post v3/new-tax-control-fapiao/merchant/{sub_mchid}/check
fapiao_insert_cards post v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/insert-cards
fapiao_merchant_base_info get v3/new-tax-control-fapiao/merchant/base-information
fapiao_merchant_config get v3/new-tax-control-fapiao/merchant/development-config
fapiao_query get v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}
fapiao_query_files get v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/fapiao-files
fapiao_reverse post v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/reverse
fapiao_set_merchant_config patch v3/new-tax-control-fapiao/merchant/development-config
fapiao_tax_codes get v3/new-tax-control-fapiao/merchant/tax-codes
fapiao_title get v3/new-tax-control-fapiao/user-title
fapiao_title_url get v3/new-tax-control-fapiao/user-title/title-url
fapiao_upload_file post v3/new-tax-control-fapiao/fapiao-applications/upload-fapiao-file
fundflow_bill get v3/bill/fundflowbill
goldplan_advertising_close post v3/goldplan/merchants/close-advertising-show
goldplan_advertising_filter post v3/goldplan/merchants/set-advertising-industry-filter
goldplan_advertising_open patch v3/goldplan/merchants/open-advertising-show
goldplan_custompage_change post v3/goldplan/merchants/changecustompagestatus
goldplan_plan_change post v3/goldplan/merchants/changegoldplanstatus
guides_assign post v3/smartguide/guides/{guide_id}/assign
guides_query get v3/smartguide/guides
guides_register post v3/smartguide/guides
guides_update patch v3/smartguide/guides/{guide_id}
image_upload post v3/merchant/media/upload
marketing_busifavor_callback_query get v3/marketing/busifavor/callbacks
marketing_busifavor_callback_update post v3/marketing/busifavor/callbacks
marketing_busifavor_coupon_associate post v3/marketing/busifavor/coupons/associate
marketing_busifavor_coupon_deactivate post v3/marketing/busifavor/coupons/deactivate
marketing_busifavor_coupon_detail get v3/marketing/busifavor/users/{openid}/coupons/{coupon_code}/appids/{appid}
marketing_busifavor_coupon_disassociate post v3/marketing/busifavor/coupons/disassociate
marketing_busifavor_coupon_return post v3/marketing/busifavor/coupons/return
marketing_busifavor_coupon_use post v3/marketing/busifavor/coupons/use
marketing_busifavor_couponcode_upload post v3/marketing/busifavor/stocks/{stock_id}/couponcodes
marketing_busifavor_stock_budget patch v3/marketing/busifavor/stocks/{stock_id}/budget
marketing_busifavor_stock_create post v3/marketing/busifavor/stocks
marketing_busifavor_stock_modify patch v3/marketing/busifavor/stocks/{stock_id}
marketing_busifavor_stock_query get v3/marketing/busifavor/stocks/{stock_id}
marketing_busifavor_subsidy_pay post v3/marketing/busifavor/subsidy/pay-receipts
marketing_busifavor_subsidy_query get v3/marketing/busifavor/subsidy/pay-receipts/{subsidy_receipt_id}
marketing_busifavor_user_coupon get v3/marketing/busifavor/users/{openid}/coupons
marketing_card_send post v3/marketing/busifavor/coupons/{card_id}/send
marketing_favor_callback_update post v3/marketing/favor/callbacks
marketing_favor_coupon_detail get v3/marketing/favor/users/{openid}/coupons/{coupon_id}
marketing_favor_refund_flow get v3/marketing/favor/stocks/{stock_id}/refund-flow
marketing_favor_stock_create post v3/marketing/favor/coupon-stocks
marketing_favor_stock_detail get v3/marketing/favor/stocks/{stock_id}
marketing_favor_stock_item get v3/marketing/favor/stocks/{stock_id}/items
marketing_favor_stock_list get v3/marketing/favor/stocks
marketing_favor_stock_merchant get v3/marketing/favor/stocks/{stock_id}/merchants
marketing_favor_stock_pause post v3/marketing/favor/stocks/{stock_id}/pause
marketing_favor_stock_restart post v3/marketing/favor/stocks/{stock_id}/restart
marketing_favor_stock_send post v3/marketing/favor/users/{openid}/coupons
marketing_favor_stock_start post v3/marketing/favor/stocks/{stock_id}/start
marketing_favor_use_flow get v3/marketing/favor/stocks/{stock_id}/use-flow
marketing_favor_user_coupon get v3/marketing/favor/users/{openid}/coupons
marketing_image_upload post v3/marketing/favor/media/image-upload
marketing_partnership_build post v3/marketing/partnerships/build
marketing_partnership_query get v3/marketing/partnerships
marketing_paygift_activity_create post v3/marketing/paygiftactivity/unique-threshold-activity
marketing_paygift_activity_detail get v3/marketing/paygiftactivity/activities/{activity_id}
marketing_paygift_activity_list get v3/marketing/paygiftactivity/activities
marketing_paygift_activity_terminate post v3/marketing/paygiftactivity/activities/{activity_id}/terminate
marketing_paygift_goods_list get v3/marketing/paygiftactivity/activities/{activity_id}/goods
marketing_paygift_merchant_add post v3/marketing/paygiftactivity/activities/{activity_id}/merchants/add
marketing_paygift_merchant_delete post v3/marketing/paygiftactivity/activities/{activity_id}/merchants/delete
marketing_paygift_merchants_list get v3/marketing/paygiftactivity/activities/{activity_id}/merchants
mch_transfer_bills post v3/fund-app/mch-transfer/transfer-bills
mch_transfer_bills_cancel post v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel
mch_transfer_bills_query get v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}
mch_transfer_bills_query get v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}
mch_transfer_elecsign post v3/fund-app/mch-transfer/elecsign/out-bill-no
mch_transfer_elecsign post v3/fund-app/mch-transfer/elecsign/transfer-bill-no
mch_transfer_elecsign_query get v3/fund-app/mch-transfer/elecsign/out-bill-no/{out_bill_no}
mch_transfer_elecsign_query get v3/fund-app/mch-transfer/elecsign/transfer-bill-no/{transfer_bill_no}
merchantrisk_callback_create post v3/merchant-risk-manage/violation-notifications
merchantrisk_callback_delete delete v3/merchant-risk-manage/violation-notifications
merchantrisk_callback_query get v3/merchant-risk-manage/violation-notifications
merchantrisk_callback_update put v3/merchant-risk-manage/violation-notifications
parking_enter post v3/vehicle/parking/parkings
parking_order post v3/vehicle/transactions/parking
parking_order_query get v3/vehicle/transactions/out-trade-no/{out_trade_no}
parking_service_find get v3/vehicle/parking/services/find
pay post v3/pay/transactions/jsapi
pay post v3/pay/transactions/app
pay post v3/pay/transactions/h5
pay post v3/pay/transactions/native
pay post v3/pay/transactions/codepay
payscore_cancel post v3/payscore/serviceorder/{out_order_no}/cancel
payscore_complete post v3/payscore/serviceorder/{out_order_no}/complete
payscore_create post v3/payscore/serviceorder
payscore_direct_complete post v3/payscore/serviceorder/direct-complete
payscore_merchant_bill get v3/payscore/merchant-bill
payscore_modify post v3/payscore/serviceorder/{out_order_no}/modify
payscore_pay post v3/payscore/serviceorder/{out_order_no}/pay
payscore_permission post v3/payscore/permissions
payscore_permission_query get v3/payscore/permissions/authorization-code/{authorization_code}
payscore_permission_query get v3/payscore/permissions/openid/{openid}
payscore_permission_terminate post v3/payscore/permissions/openid/{openid}/terminate
payscore_query get v3/payscore/serviceorder
payscore_refund post v3/refund/domestic/refunds
payscore_refund_query get v3/refund/domestic/refunds/{out_refund_no}
payscore_sync post v3/payscore/serviceorder/{out_order_no}/sync
points_notify post v3/businesscircle/points/notify
profitsharing_add_receiver post v3/profitsharing/receivers/add
profitsharing_amount_query get v3/profitsharing/transactions/{transaction_id}/amounts
profitsharing_bill get v3/profitsharing/bills
profitsharing_config_query get v3/profitsharing/merchant-configs/{sub_mchid}
profitsharing_delete_receiver post v3/profitsharing/receivers/delete
profitsharing_order post v3/profitsharing/orders
profitsharing_order_query get v3/profitsharing/orders/{out_order_no}
profitsharing_return post v3/profitsharing/return-orders
profitsharing_return_query get v3/profitsharing/return-orders/{out_return_no}
profitsharing_unfreeze post v3/profitsharing/orders/unfreeze
query get v3/pay/transactions/id/{transaction_id}
query get v3/pay/transactions/out-trade-no/{out_trade_no}
query_refund get v3/refund/domestic/refunds/{out_refund_no}
refund post v3/refund/domestic/refunds
submch_fundflow_bill get v3/bill/sub-merchant-fundflowbill
trade_bill get v3/bill/tradebill
transfer_batch post v3/transfer/batches
transfer_bill_receipt post v3/transfer/bill-receipt
transfer_detail_receipt post v3/transfer-detail/electronic-receipts
transfer_query_batchid get v3/transfer/batches/batch-id/{batch_id}
transfer_query_bill_receipt get v3/transfer/bill-receipt/{out_batch_no}
transfer_query_detail_id get v3/transfer/batches/batch-id/{batch_id}/details/detail-id/{detail_id}
transfer_query_out_batch_no get v3/transfer/batches/out-batch-no/{out_batch_no}
transfer_query_out_detail_no get v3/transfer/batches/out-batch-no/{out_batch_no}/details/out-detail-no/{out_detail_no}
transfer_query_receipt get v3/transfer-detail/electronic-receipts
user_authorization get v3/businesscircle/user-authorizations/{openid}
video_upload post v3/merchant/media/video_upload
"""
"""A line for each call that takes the place of one: the method, the verb, the path."""

WECHATPY = """\
order/create v2/pay/unifiedorder
order/query v2/pay/orderquery
order/close v2/pay/closeorder
order/reverse v2/secapi/pay/reverse
refund/apply v2/secapi/pay/refund
refund/query v2/pay/refundquery
redpack/send v2/mmpaymkttransfers/sendredpack
redpack/send_group v2/mmpaymkttransfers/sendgroupredpack
redpack/query v2/mmpaymkttransfers/gethbinfo
transfer/transfer v2/mmpaymkttransfers/promotion/transfers
transfer/query v2/mmpaymkttransfers/gettransferinfo
transfer/transfer_bankcard v2/mmpaysptrans/pay_bank
transfer/query_bankcard v2/mmpaysptrans/query_bank
transfer/get_rsa_public_key v2/risk/getpublickey
coupon/send v2/mmpaymkttransfers/send_coupon
coupon/query_stock v2/mmpaymkttransfers/query_coupon_stock
coupon/query_coupon v2/mmpaymkttransfers/querycouponsinfo
tools/short_url v2/tools/shorturl
tools/download_bill v2/pay/downloadbill
tools/download_fundflow v2/pay/downloadfundflow
tools/auto_code_to_openid v2/tools/authcodetoopenid
withhold/query_signing v2/papay/querycontract
withhold/apply_deduct v2/pay/pappayapply
withhold/query_order v2/pay/paporderquery
withhold/apply_cancel_signing v2/papay/deletecontract
jsapi/get_jsapi_params wxpay.paysign.jsapi(appid, prepay_id, sign_type="MD5")
check_signature wxpay.notification_v2(body)
parse_payment_result wxpay.notification_v2(body)
parse_refund_notify_result wxpay.notification_v2(body)
"""
"""A line for each method of wechatpy's client: its name, and the path of the POST or what it is."""
