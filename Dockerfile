# One image for web, worker, beat and migrate; the command tells them apart.
FROM python:3.11-slim-bookworm AS packages
COPY docker/requirements.lock /tmp/requirements.lock
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=csom.settings
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin csom \
 && mkdir -p /app /uploads && chown csom /uploads
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py ./
COPY csom csom
COPY tenants tenants
COPY charter charter
COPY accounts accounts
COPY pulse pulse
COPY spiced spiced
COPY bowtie bowtie
COPY health health
COPY plays plays
COPY journeys journeys
COPY templates templates
COPY static static
RUN SECRET_KEY=only-for-this-step DATABASE_URL=postgres://nobody@/none \
    python manage.py collectstatic --noinput --verbosity 0
ENV CSOM_UPLOADS=/uploads
USER csom
EXPOSE 8000
CMD ["gunicorn", "csom.wsgi", "--bind=0.0.0.0:8000", "--workers=4", "--max-requests=2000", "--max-requests-jitter=200", "--config=python:csom.gunicorn"]
