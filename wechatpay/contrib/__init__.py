"""Notifications in web frameworks, one module for each; and tracing. Nothing else imports them.

    from wechatpay.contrib.fastapi import notified  # or .flask, .quart, .django

Each `notified` makes a view of a function that takes a verified `Notification`, and `notified_v2`
of one that takes the fields of APIv2's. They answer WeChat Pay as it has to be answered:

- 204 when the function has returned; its own response if it returns one.
- 401 for what WeChat Pay did not provably send, including its deliberate probes, and 405 for any
  verb but POST. The function is not run.
- 413 for a body longer than a notification may be, 1 MiB by default. The headers are checked first.
- 500 or 503 for any other error, so that WeChat Pay sends the notification again. The log
  (`wechatpay.contrib`) says which and where, without the error's text, which may hold a secret; if
  logging is not configured, it goes to stderr. The framework's own HTTP errors stay as they are.
- 204 for what was handled before, if there is a guard (`wechatpay.replay`). The function runs once
  for each notification, unless it fails.

WeChat Pay waits five seconds for the answer; a handler that takes longer is logged.
Move slow work to a queue.
"""
