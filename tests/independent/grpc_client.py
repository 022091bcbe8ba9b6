"""Asks the ledger over gRPC as a program in Python does, with the packages of those who made gRPC.

    grpc_client.py generated|reflection ADDRESS TOKEN < STEPS

With `generated` it is built against proto/; with `reflection` it knows nothing but the address. STEPS is one JSON
object a line, for each of which it prints one:

    {"call": "socai.v1.Questions/Rates", "request": {"from": "2019-01-01"}}   one call, one answer
    {"call": "socai.v1.Commands/RecordMany", "requests": [{}, {}]}            a stream of requests
    {"call": "socai.v1.EventStore/Subscribe", "request": {}, "until": "caught_up", "meanwhile": [STEP], "take": 1}
                                           answers until one has this field; then steps; then so many answers more
    {"call": "socai.v1.Commands/RecordMany", "requests": [{}], "open": true, "until": "outcome"}
                                           requests whose end is not said
    {"call": "socai.v1.Works/StoreAttachment", "requests": [{}], "open": true, "gone": true}
                                           and who sends them goes away once they are sent
"""

import importlib
import json
import pathlib
import sys
import tempfile
import threading

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
SECONDS = 60


def generated():
    """Finds methods in code that protoc made of the files."""
    from grpc_tools import protoc

    made = tempfile.mkdtemp(prefix="socai-grpc-")
    files = sorted(str(file) for file in PROTO.rglob("*.proto"))
    flags = [f"-I{PROTO}", f"--python_out={made}", f"--grpc_python_out={made}", *files]
    if protoc.main(["protoc", *flags]) != 0:
        sys.exit("protoc does not take the files")
    sys.path.insert(0, made)
    parts = [importlib.import_module(f"socai.v1.{pathlib.Path(file).stem}_pb2") for file in files]
    stubs = [importlib.import_module(f"socai.v1.{pathlib.Path(file).stem}_pb2_grpc") for file in files]

    def find(channel, service, method):
        [described] = [part.DESCRIPTOR.services_by_name[service.split(".")[-1]] for part in parts
                       if service.split(".")[-1] in part.DESCRIPTOR.services_by_name]
        [stub] = [getattr(part, f"{described.name}Stub") for part in stubs if hasattr(part, f"{described.name}Stub")]
        return described.methods_by_name[method], getattr(stub(channel), method)

    return find


def reflection():
    """Finds methods by asking the server what it has."""
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

    def find(channel, service, method):
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        described = pool.FindServiceByName(service).methods_by_name[method]
        kinds = ("stream" if described.client_streaming else "unary",
                 "stream" if described.server_streaming else "unary")
        call = getattr(channel, "_".join(kinds))
        answer = message_factory.GetMessageClass(described.output_type)
        return described, call(f"/{service}/{method}", lambda request: request.SerializeToString(), answer.FromString)

    return find


def plain(message):
    """A message as JSON has it."""
    said = {}
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        if field.message_type and field.message_type.GetOptions().map_entry:
            said[field.name] = {key: one(value[key]) for key in value}
        elif field.is_repeated:
            said[field.name] = [one(item) for item in value]
        elif field.name.endswith("_json"):
            said[field.name.removesuffix("_json")] = json.loads(value)
        else:
            said[field.name] = one(value)
    return said


def one(value):
    if hasattr(value, "DESCRIPTOR"):
        return plain(value)
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def run(find, channel, token, step):
    service, name = step["call"].split("/")
    method, call = find(channel, service, name)
    request = message_factory.GetMessageClass(method.input_type)
    requests = [json_format.ParseDict(asked, request()) for asked in step.get("requests", [step.get("request", {})])]
    metadata = [("authorization", f"Bearer {token}")] if token else []
    sent = threading.Event()
    asked = held_open(requests, sent) if step.get("open") else iter(requests)
    asked = asked if method.client_streaming else requests[0]
    answers = []
    if step.get("gone"):
        begin = call if method.server_streaming else call.future
        under_way = begin(asked, metadata=metadata, timeout=SECONDS)
        sent.wait(SECONDS)
        under_way.cancel()
        return {"code": "GONE"}
    try:
        if not method.server_streaming:
            answers.append(plain(call(asked, metadata=metadata, timeout=SECONDS)))
        else:
            stream = call(asked, metadata=metadata, timeout=SECONDS)
            follow(find, channel, token, step, stream, answers)
        return {"code": "OK", "answers": answers}
    except grpc.RpcError as error:
        trailing = dict(error.trailing_metadata() or [])
        return {"code": error.code().name, "message": error.details(), "socai_code": trailing.get("socai-code"),
                "socai_where": trailing.get("socai-where"), "answers": answers}


def held_open(requests, sent):
    """Requests, and no end after them."""
    yield from requests
    sent.set()
    threading.Event().wait(SECONDS)


def follow(find, channel, token, step, stream, answers):
    """Takes answers as the step says, and gives up the rest."""
    if "until" not in step:
        answers.extend(plain(answer) for answer in stream)
        return
    for answer in stream:
        answers.append(plain(answer))
        if step["until"] in answers[-1]:
            break
    answers.extend({"meanwhile": run(find, channel, token, inner)} for inner in step.get("meanwhile", []))
    answers.extend(plain(next(stream)) for _ in range(step.get("take", 0)))
    stream.cancel()


def main():
    how, address, token = sys.argv[1], sys.argv[2], sys.argv[3]
    find = {"generated": generated, "reflection": reflection}[how]()
    with grpc.insecure_channel(address) as channel:
        for line in sys.stdin:
            print(json.dumps(run(find, channel, token, json.loads(line)), ensure_ascii=False), flush=True)


main()
