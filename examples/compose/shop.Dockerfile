# The shop of compose.yaml. It has the sandbox's number as a user, whose files nobody else can read.
FROM python:3.13-slim
COPY pyproject.toml README.md LICENSE /src/
COPY wechatpay /src/wechatpay
RUN pip install --no-cache-dir "/src[fastapi,redis]" uvicorn
COPY examples/compose/shop.py /shop/
USER 10001
EXPOSE 8000
CMD ["sh", "-c", ". /state/shop.sandbox.keys/sandbox.env && exec uvicorn --app-dir /shop --host 0.0.0.0 --port 8000 shop:app"]
