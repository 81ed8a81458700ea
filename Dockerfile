# Two images: `cpu` (ONNX Runtime and OpenVINO, no torch) and `cuda` (torch as well).
#   docker build --target cpu -t vectord:cpu .
#   docker build --target cpu --build-arg MODELS="BAAI/bge-small-en-v1.5@REVISION" -t vectord:baked .
# docs/image.md says how they are run: models and caches on volumes, the root read-only.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS wheel
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY backends backends
COPY models models
COPY plugins plugins
COPY scheduler scheduler
COPY src src
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM ${PYTHON_IMAGE} AS cpu-packages
WORKDIR /build
COPY pyproject.toml ./
# what is needed changes seldom: a layer of its own
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
      > requirements.txt \
 && python -m venv /opt/vectord \
 && /opt/vectord/bin/python -m pip install --no-cache-dir -r requirements.txt
COPY --from=wheel /wheels /wheels
# devices and formats that vectord never uses are a third of OpenVINO
# hadolint ignore=DL3003
RUN /opt/vectord/bin/python -m pip install --no-cache-dir --no-deps /wheels/*.whl \
 && cd /opt/vectord/lib/python3.*/site-packages \
 && rm -rf openvino/libs/libopenvino_intel_gpu_plugin.so openvino/libs/libopenvino_intel_npu_plugin.so \
      openvino/libs/cache.json openvino/libs/libopenvino_jax_frontend.so* \
      openvino/libs/libopenvino_gguf_frontend.so* openvino/libs/libopenvino_paddle_frontend.so* \
      openvino/libs/libopenvino_pytorch_frontend.so* openvino/libs/libopenvino_tensorflow_*frontend.so* \
      openvino/include onnx/backend/test pip pip-*.dist-info setuptools setuptools-*.dist-info

FROM ${PYTHON_IMAGE} AS cuda-packages
WORKDIR /build
# torch first and alone, so that no other package's range can choose another build; it brings CUDA
RUN python -m venv /opt/vectord && /opt/vectord/bin/python -m pip install --no-cache-dir torch==2.13.0
COPY --from=wheel /wheels /wheels
RUN /opt/vectord/bin/python -m pip install --no-cache-dir "$(echo /wheels/*.whl)[torch]"

FROM ${PYTHON_IMAGE} AS runtime
RUN groupadd --gid 10001 vectord \
 && useradd --uid 10001 --gid 10001 --create-home --home-dir /home/vectord --shell /usr/sbin/nologin vectord \
 && install -d -o 10001 -g 10001 /models /cache
ENV PATH=/opt/vectord/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/home/vectord \
    HF_HOME=/models \
    XDG_CACHE_HOME=/cache \
    VECTORD_HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /home/vectord
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10m CMD ["vectord", "check", "--ready", "--timeout", "8"]
ENTRYPOINT ["vectord"]
CMD ["serve"]

# models that are baked in; none by default. A private one's token is a secret of the build, not of the image.
FROM runtime AS baked
COPY --from=cpu-packages /opt/vectord /opt/vectord
ARG MODELS=""
ARG HF_ENDPOINT
RUN --mount=type=secret,id=hf_token,uid=10001,required=false \
    if [ -n "$MODELS" ]; then \
      HF_TOKEN="$(cat /run/secrets/hf_token 2>/dev/null || true)" vectord pull $MODELS; \
    fi

FROM runtime AS cuda
COPY --from=cuda-packages /opt/vectord /opt/vectord
COPY --from=baked --chown=10001:10001 /models /models
ARG MODELS=""
ARG VERSION=""
ARG REVISION=""
ARG CREATED=""
ENV VECTORD_MODELS=${MODELS} \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
LABEL org.opencontainers.image.title="vectord" \
      org.opencontainers.image.description="Embedding and rerank server: torch on CUDA, ONNX Runtime and OpenVINO" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

# last, so that it is what `docker build .` makes
FROM runtime AS cpu
COPY --from=cpu-packages /opt/vectord /opt/vectord
COPY --from=baked --chown=10001:10001 /models /models
ARG MODELS=""
ARG VERSION=""
ARG REVISION=""
ARG CREATED=""
ENV VECTORD_MODELS=${MODELS}
LABEL org.opencontainers.image.title="vectord" \
      org.opencontainers.image.description="Embedding and rerank server: ONNX Runtime and OpenVINO" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
