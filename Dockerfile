# The app with PyTorch for the CPU; docs/deploy.md says how to run it.
FROM python:3.11-slim

RUN useradd --create-home cnnviz
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu \
        $(grep -E '^(torch|torchvision)==' requirements.txt) \
    && pip install --no-cache-dir -r requirements.txt
COPY .streamlit .streamlit
COPY app.py LICENSE ./
COPY pages pages
COPY checkpoints checkpoints
COPY cnnviz cnnviz

USER cnnviz
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=5)"]
ENTRYPOINT ["python", "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.address=0.0.0.0"]
