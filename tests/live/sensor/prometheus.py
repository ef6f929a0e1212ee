# SPDX-License-Identifier: BSD-3-Clause
"""Prometheus beside the service, scraping it as long as the scene lasts."""
import json
import shutil
import subprocess
import time

from .service import ADDRESS

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: mailglass
    static_configs: [{{targets: ['{address}']}}]
"""
QUERY = "http://127.0.0.1:9090/api/v1/query"


class Prometheus:
    """Nothing, where it is not installed: `faults` then says so."""

    def __init__(self, side, folder):
        self.side, self.process = side, None
        if not shutil.which("prometheus"):
            return
        folder = folder / "prometheus"
        folder.mkdir()
        (folder / "prometheus.yml").write_text(CONFIGURATION.format(address=ADDRESS))
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                side.enter("prometheus", f"--config.file={folder}/prometheus.yml",
                           f"--storage.tsdb.path={folder}/data",
                           "--web.listen-address=127.0.0.1:9090"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def ask(self, query):
        done = subprocess.run(
            self.side.enter("curl", "-sf", "--max-time", "10", "--get", QUERY,
                            "--data-urlencode", f"query={query}"),
            capture_output=True, text=True)
        if done.returncode:
            return None
        values = [one["value"][1] for one in json.loads(done.stdout)["data"]["result"]]
        return float(values[0]) if values else None

    def faults(self):
        """What went wrong with its scrapes since it began."""
        if self.process is None:
            return ["prometheus is not installed"]
        for _ in range(60):
            if (self.ask("count_over_time(up[1h])") or 0) >= 3:
                break
            time.sleep(0.5)
        else:
            return ["it never scraped"]
        share = self.ask("avg_over_time(up[1h])")
        frames = self.ask("sum(max_over_time(mailglass_frames_total[1h]))")
        return ([f"{share:.1%} of its scrapes succeeded"] if share != 1 else []) + \
               (["it saw no frames"] if not frames else [])

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
