# A WeChat Pay of your own, as a service: docker build -t wechatpay-sandbox .
FROM python:3.13-slim AS build
COPY pyproject.toml README.md LICENSE /src/
COPY wechatpay /src/wechatpay
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir "/src[sandbox,cli]"

FROM python:3.13-slim
# It needs no rights: it writes to /state, and to nothing else.
RUN useradd --system --uid 10001 --home-dir /state sandbox && install -d -o 10001 -g 10001 -m 700 /state
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
VOLUME /state
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["python", "-c", "import urllib.request as u; open('/state/shop.sandbox.keys/sandbox.env'); u.urlopen('http://127.0.0.1:8080/page/style.css', timeout=2)"]
ENTRYPOINT ["wechatpay", "sandbox", "--host", "0.0.0.0", "--port", "8080", "--state", "/state/shop.sandbox"]
