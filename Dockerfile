# itcho with all its extras: docker build -t itcho . && docker run --rm -v "$PWD:/work" itcho run
FROM python:3.13-slim
WORKDIR /src
COPY . .
RUN pip install --no-cache-dir ".[all]" && rm -rf /src && useradd --create-home itcho
USER itcho
WORKDIR /work
ENTRYPOINT ["itcho"]
CMD ["--help"]
