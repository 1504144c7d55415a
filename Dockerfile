FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/frontdesk
COPY requirements.txt ./
RUN /opt/frontdesk/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY flows flows
COPY locales locales
RUN /opt/frontdesk/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
# tini passes signals on and reaps what is left of an embedded Redis.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /data frontdesk \
    && install --directory --owner frontdesk /data
COPY --from=build /opt/frontdesk /opt/frontdesk
ENV PATH=/opt/frontdesk/bin:$PATH PYTHONUNBUFFERED=1
USER frontdesk
WORKDIR /data
VOLUME /data
EXPOSE 8080
# For a bot on port 8080, as in docker-compose.yml; frontdesk sandbox has no /healthz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["tini", "--", "frontdesk"]
CMD ["serve", "--config", "/etc/frontdesk/frontdesk.toml"]
