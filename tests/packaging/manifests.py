"""Whether the container file, the compose file and the manifests of Kubernetes belong together: what one names is there,
no container may do more than it has to, and every container of a kind is confined alike. Schemas are checked by
kubernetes-validate; containers.sh builds the image and runs it."""

import pathlib
import re
import sys
import tomllib

import yaml

OPS = pathlib.Path(__file__).parents[2] / "ops"
KUBERNETES = OPS / "kubernetes"
WRONG = []


def expect(holds, complaint):
    if not holds:
        WRONG.append(complaint)


def documents(path):
    return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one]


def described():
    version = tomllib.loads((OPS.parent / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    dockerfile = (OPS / "Dockerfile").read_text(encoding="utf-8")
    labelled = re.findall(r'image\.version="([^"]*)"', dockerfile)
    expect(labelled == [version], f"Dockerfile: it says that socai is {labelled}, and it is {version}")
    tag = documents(KUBERNETES / "kustomization.yaml")[0]["images"][0]["newTag"]
    expect(tag == version, f"kustomization.yaml: the image is {tag}, and socai is {version}")
    for base in re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE):
        somebodys("Dockerfile", base)


def somebodys(where, image):
    # A short name is looked up in whatever registries an engine is told of.
    expect(re.fullmatch(r"docker\.io/\S+/\S+:v?\d\S*", image), f"{where}: no registry, or no version: {image}")


def kustomization():
    plan = documents(KUBERNETES / "kustomization.yaml")[0]
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    expect(set(plan["resources"]) == files, f"kustomization.yaml lists {plan['resources']}, and there is {sorted(files)}")
    objects = [(name, one) for name in plan["resources"] for one in documents(KUBERNETES / name)]
    settings = {one["name"] for one in plan["configMapGenerator"]}
    images = {one["name"] for one in plan["images"]}
    for name, one in objects:
        if one["kind"] == "StatefulSet":
            workload(name, one, settings, images)
    sets = {one["metadata"]["name"] for _, one in objects if one["kind"] == "StatefulSet"}
    budgets = {one["metadata"]["name"] for _, one in objects if one["kind"] == "PodDisruptionBudget"}
    expect(sets == {"api", "watcher", "sealer", "projector"}, f"the roles are {sorted(sets)}")
    expect(sets == budgets, f"budgets are there for {sorted(budgets)} alone")
    services = {one["metadata"]["name"] for _, one in objects if one["kind"] == "Service"}
    for _, one in objects:
        if one["kind"] == "StatefulSet":
            expect(one["spec"]["serviceName"] in services, f"{one['metadata']['name']}: no service {one['spec']['serviceName']}")


def workload(file, one, settings, images):
    name = one["metadata"]["name"]
    pod = one["spec"]["template"]["spec"]
    labels = one["spec"]["template"]["metadata"]["labels"]
    expect(one["spec"]["selector"]["matchLabels"] == labels, f"{file}: it does not select its own pods")
    expect(labels["app.kubernetes.io/component"] == name, f"{file}: the component is not {name}")
    expect(pod["automountServiceAccountToken"] is False, f"{file}: a token of the cluster is mounted")
    expect(pod["securityContext"]["runAsNonRoot"] is True, f"{file}: it may be root")
    expect(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, f"{file}: any system call")
    expect(pod["terminationGracePeriodSeconds"] > 20, f"{file}: it is killed before serve.grace_seconds")
    volumes = {volume["name"] for volume in pod["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in one["spec"]["volumeClaimTemplates"]}
    for container in pod["containers"]:
        confined(file, container)
        expect(container["image"] in images, f"{file}: no image is given for {container['image']}")
        expect(container["args"][-2:] == ["--roles", name], f"{file}: it runs {container['args']}")
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        expect(mounted == volumes, f"{file}: mounted {sorted(mounted)}, there are {sorted(volumes)}")
        named = {source["configMapRef"]["name"] for source in container["envFrom"]}
        expect(named <= settings, f"{file}: no settings called {sorted(named - settings)}")
        ports = {port["name"] for port in container["ports"]}
        probes = {kind: container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
        expect(all(probe["port"] in ports for probe in probes.values()), f"{file}: a probe asks a port that is not there")
        paths = {kind: probe["path"] for kind, probe in probes.items()}
        right = {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
        expect(paths == right, f"{file}: probes ask {paths}")


def confined(file, container):
    context = container["securityContext"]
    expect(context["allowPrivilegeEscalation"] is False, f"{file}: it may gain rights")
    expect(context["readOnlyRootFilesystem"] is True, f"{file}: it may write its own image")
    expect(context["capabilities"] == {"drop": ["ALL"]}, f"{file}: it keeps capabilities")
    expect("memory" in container["resources"]["limits"], f"{file}: it may take all memory")


def compose():
    plan = documents(OPS / "compose.yaml")[0]
    services, secrets, volumes, networks = (plan[part] for part in ("services", "secrets", "volumes", "networks"))
    watched = documents(OPS / "compose" / "targets.yml")[0][0]["targets"]
    for name, one in services.items():
        where = f"compose.yaml, {name}"
        expect(set(one.get("depends_on", {})) <= services.keys(), f"{where}: it waits for what is not there")
        asked = {secret["source"] if isinstance(secret, dict) else secret for secret in one.get("secrets", [])}
        expect(asked <= secrets.keys(), f"{where}: no secrets {sorted(asked - secrets.keys())}")
        values = one.get("environment", {}).values()
        read = {value.removeprefix("/run/secrets/") for value in values if str(value).startswith("/run/secrets/")}
        expect(read <= asked, f"{where}: it reads secrets that it is not given: {sorted(read - asked)}")
        expect(set(one.get("networks", [])) <= networks.keys(), f"{where}: no networks {one.get('networks')}")
        expect(one.get("read_only") is True, f"{where}: it may write its own image")
        expect(one.get("cap_drop") == ["ALL"], f"{where}: it keeps capabilities")
        expect("no-new-privileges:true" in one.get("security_opt", []), f"{where}: it may gain rights")
        for mount in one.get("volumes", []):
            source = mount.split(":")[0]
            there = (OPS / source).exists() if source.startswith(".") else source in volumes or source.startswith("${SOCAI_SECRETS}/")
            expect(there, f"{where}: {source} is not there")
        if "build" not in one:
            somebodys(where, one["image"])
        if one.get("image") == "socai:local" and "profiles" not in one:
            expect(f"{name}:9464" in watched, f"{where}: Prometheus does not ask it")
        for port in one.get("ports", []):
            expect(port.startswith("127.0.0.1:"), f"{where}: {port} is open to others")


if __name__ == "__main__":
    described()
    kustomization()
    compose()
    sys.exit("\n".join(WRONG) or 0)
