# Two images from one file: `small` (bot, keeper, migrations; no torch) and `worker` (the engine, on a GPU).
#   docker build --target small  -t atelier-small  .
#   docker build --target worker -t atelier-worker .
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
WORKDIR /app
RUN useradd --create-home --uid 1000 atelier \
 && mkdir /data && chown atelier:atelier /data
ENV ATELIER_DATA_DIR=/data
COPY pyproject.toml constraints.txt ./

FROM base AS small
RUN pip install --no-cache-dir --constraint constraints.txt '.[bot]'
COPY core core
COPY db db
COPY actions actions
COPY bot bot
COPY workers workers
COPY migrations migrations
COPY launch launch
USER atelier
CMD ["python", "-m", "bot"]

FROM base AS worker
# On Linux the pinned torch from the registry brings its CUDA libraries along.
RUN pip install --no-cache-dir --constraint constraints.txt '.[worker]'
COPY core core
COPY db db
COPY models models
COPY workers workers
USER atelier
CMD ["python", "-m", "workers"]
