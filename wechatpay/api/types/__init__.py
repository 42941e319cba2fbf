"""The endpoints, as types: everything is in the stubs, which only type checkers see.

At run time the modules of this package have every name, and each is `dict`, so that what annotates
a body may be imported as anything else:

    from wechatpay.api.types.v3_pay import PayTransactionsNativePostBody
"""
