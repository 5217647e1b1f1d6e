# cnnviz as a container: PyTorch for the CPU, a user without rights, nothing written but below /tmp. See docs/deploy.md.
FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.txt ./
# torch and torchvision together from PyTorch's own index (the usual builds bring 4.7 GB of CUDA), all else from PyPI
RUN python -m venv /opt/cnnviz \
 && grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
 && /opt/cnnviz/bin/pip install --no-deps --index-url https://download.pytorch.org/whl/cpu -r torch.txt \
 && /opt/cnnviz/bin/pip install -r requirements.txt

FROM python:3.11-slim-bookworm
COPY --from=packages /opt/cnnviz /opt/cnnviz
WORKDIR /app
COPY LICENSE app.py ./
COPY .streamlit .streamlit
COPY checkpoints checkpoints
COPY pages pages
COPY cnnviz cnnviz
# compiled now, for nothing can be written later; files of whoever built this are readable by everyone
RUN /opt/cnnviz/bin/python -m compileall -q -j 0 app.py cnnviz pages && chmod -R a+rX /app
ENV PATH=/opt/cnnviz/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    CNNVIZ_CACHE=/tmp/cnnviz CNNVIZ_DATA=/data
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/cnnviz/health', timeout=4)"]
# what stands behind the image's name is handed on to Streamlit
ENTRYPOINT ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", "--logger.hideWelcomeMessage=true"]
