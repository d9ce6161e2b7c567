"""`./klima deployment`: the files that name the services, written from `deploy/templates` and
`deploy/services.toml`."""

from pathlib import Path
from typing import Final

import jinja2

from klima_local.home import root
from klima_local.services import identity_provider, services

# Template: the file it makes; with {service}, one for each.
METRICS_PORT = 9000  # in Kubernetes: monitoring reaches it and nothing else
FILES: Final = {
    "compose.yml": "docker-compose.yml",
    "services.txt": "deploy/database/services.txt",
    "listen.conf": "deploy/gateway/conf/listen.conf",
    "origin.conf": "deploy/gateway/conf/origin.conf",
    "routes.conf": "deploy/gateway/conf/routes.conf",
    "prometheus.yml": "deploy/monitoring/prometheus.yml",
    "kustomization.yaml": "deploy/kubernetes/base/kustomization.yaml",
    "network.yaml": "deploy/kubernetes/base/network.yaml",
    "service.yaml": "deploy/kubernetes/base/{service}.yaml",
}


def documents() -> dict[Path, str]:
    """Every file that is made, with its text."""
    environment = jinja2.Environment(  # noqa: S701 - it makes configuration, no HTML
        loader=jinja2.FileSystemLoader(root() / "deploy" / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    rows = list(services().values())
    texts = {}
    for template, target in FILES.items():
        for service in rows if "{service}" in target else [None]:
            path = root() / target.format(service=service and service.name)
            texts[path] = environment.get_template(template).render(
                services=rows,
                service=service,
                identity=identity_provider(),
                metrics_port=METRICS_PORT,
                origin_first=sorted(rows, key=lambda row: not row.origin),
            )
    return texts


def write() -> list[Path]:
    """Write what differs; the files that changed."""
    changed = [p for p, text in documents().items() if not p.exists() or p.read_text() != text]
    for path in changed:
        path.write_text(documents()[path], encoding="utf-8")
    return changed
