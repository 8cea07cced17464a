#!/usr/bin/env python3
"""A stand-in for Ollama in `make test-container`: `ollama serve` and `ollama --version`, and three answers.

It answers as the API does, so that what is between a reader and a server is tested: the archive's layout, two shells,
OLLAMA_HOST. It draws nothing and knows no model but one.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

MODEL = "gemma:7b"
ANSWERS = {
    "/api/version": {"version": "0.32.7"},
    "/api/show": {"details": {"family": "gemma"}, "model_info": {}, "parameters": ""},
    "/api/generate": {"model": MODEL, "response": "A city.", "done": True, "done_reason": "stop"},
}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = ANSWERS.get(self.path)
        body = json.dumps(known or {"error": f"{self.path} is not known here"}).encode() + b"\n"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


if sys.argv[1:] == ["serve"]:
    host, _, port = os.environ.get("OLLAMA_HOST", "127.0.0.1:11434").rpartition(":")
    HTTPServer((host, int(port)), Handler).serve_forever()
print("ollama version is 0.32.7")
