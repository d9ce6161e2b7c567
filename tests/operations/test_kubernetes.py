"""The manifests: valid against Kubernetes' own schemas, as strict as the standard allows, and
fitting each other."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml

from klima_local.home import root
from klima_local.services import SERVICES

HERE = root() / "deploy" / "kubernetes"
VERSIONS = ("1.30", "1.33")
APPS = (*SERVICES, "gateway")
Document = dict[str, Any]


def read() -> Iterator[Document]:
    """What is in the files; kustomize's own files are no objects of a cluster."""
    for path in sorted(HERE.glob("*/*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            if document["kind"] != "Kustomization":
                yield document


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(read())


def of_kind(documents: list[Document], *kinds: str) -> list[Document]:
    return [document for document in documents if document["kind"] in kinds]


def pods(documents: list[Document]) -> dict[str, Document]:
    """Pod templates by `Kind/name`."""
    return {
        f"{found['kind']}/{found['metadata']['name']}": found["spec"]["template"]
        for found in of_kind(documents, "Deployment", "Job")
    }


def steps(template: Document) -> list[Document]:
    """A pod's containers, in the order in which they start."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid_strictly(documents: list[Document], version: str) -> None:
    own = [document for document in documents if "cnpg.io" not in document["apiVersion"]]
    assert len(own) > 30
    for document in own:
        kubernetes_validate.validate(document, version, strict=True)


def test_a_mistake_would_be_found(documents: list[Document]) -> None:
    job = of_kind(documents, "Job")[0]
    wrong = {**job, "spec": {**job["spec"], "backofLimit": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_kustomize_builds_the_example(documents: list[Document]) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip(
            "kubectl is not installed, so the example can't be built; its files are checked all the"
            " same"
        )
    result = subprocess.run(
        ["kubectl", "kustomize", str(HERE / "example")], capture_output=True, text=True, check=True
    )
    built = list(yaml.safe_load_all(result.stdout))
    for document in built:
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
        assert document["kind"] == "Namespace" or document["metadata"]["namespace"] == "klimakreis"
    images = {
        c["image"] for template in pods(built).values() for c in template["spec"]["containers"]
    }
    assert images == {
        *(f"registry.example.org/klimakreis-{app}:0.1.0" for app in APPS),
        "postgres:17",
    }
    names = {(document["kind"], document["metadata"]["name"]) for document in built}
    for template in pods(
        built
    ).values():  # what a pod mounts or reads is there, or is a secret that the installation makes
        for volume in template["spec"]["volumes"]:
            if "configMap" in volume:
                assert ("ConfigMap", volume["configMap"]["name"]) in names
        for container in template["spec"]["containers"]:
            for source in container.get("envFrom", []):
                if "configMapRef" in source:
                    assert ("ConfigMap", source["configMapRef"]["name"]) in names


def test_the_strictest_pod_security(documents: list[Document]) -> None:
    namespace = next(
        found
        for found in of_kind(documents, "Namespace")
        if found["metadata"]["name"] == "klimakreis"
    )
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, template in pods(documents).items():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys(), name
        assert all(
            {"emptyDir", "secret", "configMap"} & volume.keys() for volume in spec["volumes"]
        ), name
        for container in steps(template):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert "memory" in container["resources"]["limits"], name


@pytest.mark.parametrize("app", APPS)
def test_a_deployment_has_all_it_needs(documents: list[Document], app: str) -> None:
    deployment = next(d for d in of_kind(documents, "Deployment") if d["metadata"]["name"] == app)
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"].items() <= labels.items()
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert {"readinessProbe", "livenessProbe"} <= container.keys()
    for kind in ("PodDisruptionBudget", "Service"):
        found = next(d for d in of_kind(documents, kind) if d["metadata"]["name"] == app)
        selector = found["spec"]["selector"]
        assert selector.get("matchLabels", selector).items() <= labels.items(), kind
    scaler = next(
        d for d in of_kind(documents, "HorizontalPodAutoscaler") if d["metadata"]["name"] == app
    )
    assert scaler["spec"]["scaleTargetRef"]["name"] == app
    assert scaler["spec"]["minReplicas"] >= 2
    assert (
        "replicas" not in deployment["spec"]
    )  # the autoscaler's number would be set back by every apply


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_migrates_before_it_serves(documents: list[Document], service: str) -> None:
    job = steps(pods(documents)[f"Job/{service}-migrate"])[0]
    serving = pods(documents)[f"Deployment/{service}"]["spec"]["containers"][0]
    assert (job["image"], job["args"]) == (serving["image"], ["migrate"])
    grace = pods(documents)[f"Deployment/{service}"]["spec"]["terminationGracePeriodSeconds"]
    delay = next(
        float(e["value"]) for e in serving["env"] if e["name"] == "KLIMA_SHUTDOWN_DELAY_SECONDS"
    )
    assert grace > delay + 20 + 5  # 20 s: what requests under way get (klima_shared.service.server)


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_is_a_setting(documents: list[Document], service: str) -> None:
    settings = importlib.import_module(f"klima_{service}.settings").Settings
    known = {f"KLIMA_{name.upper()}" for name in settings.model_fields}
    serving = pods(documents)[f"Deployment/{service}"]["spec"]["containers"][0]
    assert {variable["name"] for variable in serving["env"]} <= known
    everybody = set()
    for name in SERVICES:
        everybody |= importlib.import_module(f"klima_{name}.settings").Settings.model_fields.keys()
    for folder in ("base", "example"):
        for generator in yaml.safe_load((HERE / folder / "kustomization.yaml").read_text())[
            "configMapGenerator"
        ]:
            for literal in generator["literals"]:
                assert literal.split("=")[0].removeprefix("KLIMA_").lower() in everybody, literal


def test_nobody_talks_but_those_who_are_named(documents: list[Document]) -> None:
    policies = {
        found["metadata"]["name"]: found["spec"] for found in of_kind(documents, "NetworkPolicy")
    }
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def callers(name: str) -> set[str]:
        sources = policies[name]["ingress"][0]["from"]
        return {
            s["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
            for s in sources
            if "podSelector" in s
        }

    # controlling -> measures -> balance, and the gateway to all: the direction of calls of
    # docs/architecture.md
    assert callers("balance") == {"gateway", "measures", "controlling"}
    assert callers("measures") == {"gateway", "controlling"}
    assert callers("controlling") == {"gateway"}
    labels = [template["metadata"]["labels"] for template in pods(documents).values()]
    for name, policy in policies.items():
        wanted = policy["podSelector"].get("matchLabels", {})
        assert any(wanted.items() <= found.items() for found in labels), f"{name} is about no pod"


def test_who_may_look_at_metrics_reaches_nothing_else(documents: list[Document]) -> None:
    policies = {
        found["metadata"]["name"]: found["spec"] for found in of_kind(documents, "NetworkPolicy")
    }
    monitoring = {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}
    for service in SERVICES:
        rules = [
            rule
            for rule in policies[service]["ingress"]
            if {"namespaceSelector": monitoring} in rule["from"]
        ]
        assert [rule["ports"] for rule in rules] == [[{"protocol": "TCP", "port": 9000}]]
        assert rules[0]["from"] == [{"namespaceSelector": monitoring}]
        container = steps(pods(documents)[f"Deployment/{service}"])[-1]
        assert {"name": "metrics", "containerPort": 9000} in container["ports"]
        assert {"name": "KLIMA_METRICS_PORT", "value": "9000"} in container["env"]


def test_outwards_only_to_who_is_named(documents: list[Document]) -> None:
    """No policy lets anybody out to everywhere: each names hosts and ports."""
    for found in of_kind(documents, "NetworkPolicy"):
        for rule in found["spec"].get("egress", []):
            assert rule.get("to"), found["metadata"]["name"]
            assert rule.get("ports"), found["metadata"]["name"]
            blocks = [to["ipBlock"]["cidr"] for to in rule["to"] if "ipBlock" in to]
            assert all(block.endswith("/32") for block in blocks), found["metadata"]["name"]
