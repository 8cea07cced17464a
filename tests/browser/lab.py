"""A JupyterLab of its own: temporary folders, a free port, a random token, and the kernel's truth beside the page."""

import json
import os
import secrets
import subprocess
import sys
import urllib.request

import nbformat
from jupyter_client import BlockingKernelClient

from .server import free_port, until

FLAGS = [
    "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly",
    "--ServerApp.terminals_enabled=False", "--LabApp.expose_app_in_browser=True",
]  # fmt: skip


class Lab:
    def __init__(self, home, notebooks):
        self.home, self.notebooks = home, notebooks
        self.token, port = secrets.token_hex(16), free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.log = (home / "lab.log").open("wb")
        names = [
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
            "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR",
        ]
        folders = {name: str(home / name.lower()) for name in names}
        self.runtime = home / "jupyter_runtime_dir"
        settings = home / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "notification.jupyterlab-settings").write_text(
            '{"fetchNews": "false", "checkForUpdates": false}'
        )
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            *FLAGS,
            f"--ServerApp.port={port}",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={notebooks}",
        ]
        environment = os.environ | folders | {"HOME": str(home), "JUPYTER_PLATFORM_DIRS": "1"}
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=self.log, cwd=notebooks
        )
        until(self._answers, 90)

    def _answers(self):
        assert self.process.poll() is None, (self.home / "lab.log").read_text()
        try:
            return self.api("status")
        except OSError:
            return None

    def api(self, path, method="GET"):
        request = urllib.request.Request(
            f"{self.base}/api/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def session(self, name):
        return next((s for s in self.api("sessions") if s["path"] == name), None)

    def write(self, name, *cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, self.notebooks / name)

    def open(self, page, name):
        """Opens a notebook and waits until its kernel is bound: idle is shown before that, and Run All would ask."""
        page.goto(f"{self.base}/doc/tree/{name}?token={self.token}&reset")
        page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(timeout=60_000)
        until(
            lambda: (
                (s := self.session(name))
                and s["kernel"]["connections"] > 0
                and s["kernel"]["execution_state"] == "idle"
            ),
            60,
        )

    def eval(self, name, expression):
        """repr of an expression in the notebook's kernel, over its own connection: no browser is involved."""
        kernel = self.session(name)["kernel"]["id"]
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{kernel}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=30)
            reply = client.execute_interactive(
                "",
                user_expressions={"v": expression},
                store_history=False,
                output_hook=lambda _: None,
                timeout=30,
            )
            value = reply["content"]["user_expressions"]["v"]
            assert value["status"] == "ok", value
            return value["data"]["text/plain"]
        finally:
            client.stop_channels()

    def close(self):
        for kernel in self.api("kernels"):
            self.api(f"kernels/{kernel['id']}", "DELETE")
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
