"""Sends HTTP requests to the fixture `echo` through the gateways of MiniStack, an independent mock of AWS.

    VENV/bin/python3 tests/counterparts/gateways.py --ministack PATH --bootstrap PATH

The Python must have boto3, which creates one function and its gateways: a function URL, a REST API, an HTTP API and an
Application Load Balancer. Prints a line a check; the exit code is 1 if any failed.

MiniStack differs from AWS, and these checks do not look at what it gets wrong: it decodes the path for every gateway,
so that `%2F` is a slash (AWS: for HTTP APIs only); it joins a repeated request header with a comma and a space for REST
APIs and load balancers as well; it decodes and encodes the query of a function URL again, so that `+` becomes `%20`; it
leaves the stage out of the `rawPath` of an HTTP API.
"""

import argparse
import http.client
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.exceptions
from processes import DEADLINE, Failed
from stack import REGION, MiniStack

STAGE = "prod"
BYTES = bytes(range(256))


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Lists the values of a header in their order."""
        return [value for header, value in self.headers if header.lower() == name]


@dataclass(frozen=True)
class Gateway:
    """The address of the function behind one gateway."""

    source: str
    """The name that Mayfly has for the gateway."""
    port: int
    host: str
    prefix: str = ""

    def send(self, method: str, path: str, body: bytes | None = None, headers: list[str] | None = None) -> Response:
        """Sends a request, whose target and headers (`name: value`) are not changed on their way."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            connection.putrequest(method, self.prefix + path, skip_host=True, skip_accept_encoding=True)
            for line in [f"host: {self.host}", *(headers or [])]:
                connection.putheader(*line.split(": ", 1))
            if body is not None:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Response(response.status, response.getheaders(), response.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"no whole response: {error}") from error
        finally:
            connection.close()

    def described(self, method: str, path: str, body: bytes | None = None, headers: list[str] | None = None) -> Any:
        """Sends a request and reads the description of it, with its headers as a mapping."""
        response = self.send(method, path, body, headers)
        expect("the status", response.status, 200)
        request = json.loads(response.body)
        request["headers"] = dict(request["headers"])
        return request


class Gateways:
    """The gateways in front of one function, which are created in a MiniStack."""

    def __init__(self, stack: MiniStack) -> None:
        self._stack = stack

    def create(self, bootstrap: Path) -> list[Gateway]:
        """Creates the function and a gateway of each kind."""
        function = self._stack.create_function("echo", "echo::api", bootstrap)
        return [self._function_url(), self._rest_api(function), self._http_api(function), self._load_balancer(function)]

    def _function_url(self) -> Gateway:
        client = self._stack.client("lambda")
        url = client.create_function_url_config(FunctionName="echo", AuthType="NONE")["FunctionUrl"]
        return Gateway("FunctionUrl", self._stack.port, url.removeprefix("https://").rstrip("/"))

    def _rest_api(self, function: str) -> Gateway:
        client = self._stack.client("apigateway")
        # Without this, a REST API does not decode the base64 of a reply.
        api = client.create_rest_api(name="rest", binaryMediaTypes=["*/*"])["id"]
        root = client.get_resources(restApiId=api)["items"][0]["id"]
        resource = client.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
        place = {"restApiId": api, "resourceId": resource, "httpMethod": "ANY"}
        client.put_method(**place, authorizationType="NONE")
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
        client.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        client.create_deployment(restApiId=api, stageName=STAGE)
        return Gateway("RestApi", self._stack.port, f"{api}.execute-api.localhost:{self._stack.port}", f"/{STAGE}")

    def _http_api(self, function: str) -> Gateway:
        client = self._stack.client("apigatewayv2")
        api = client.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
        integration = client.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
        )
        client.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{integration['IntegrationId']}")
        client.create_stage(ApiId=api, StageName=STAGE, AutoDeploy=True)
        return Gateway("HttpApi", self._stack.port, f"{api}.execute-api.localhost:{self._stack.port}", f"/{STAGE}")

    def _load_balancer(self, function: str) -> Gateway:
        client = self._stack.client("elbv2")
        [balancer] = client.create_load_balancer(Name="alb", Subnets=["subnet-1", "subnet-2"])["LoadBalancers"]
        [group] = client.create_target_group(Name="echo", TargetType="lambda")["TargetGroups"]
        client.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": function}])
        client.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
        )
        return Gateway("Alb", self._stack.port, balancer["DNSName"])


def expect(what: str, found: object, expected: object) -> None:
    """Fails unless both are equal."""
    if found != expected:
        raise Failed(f"{what} should be {expected!r}, and is {found!r}")


def path_and_query(gateway: Gateway) -> None:
    """The application sees its own path, encoded once, and each parameter of the query."""
    request = gateway.described("GET", "/a%20b/%C3%A9?page=3&k=a%2Bb%26&empty=&page=4")
    expect("the source", request["source"], gateway.source)
    path, _, query = request["target"].partition("?")
    expect("the path", path, "/a%20b/%C3%A9")
    # A load balancer sends the last value of a repeated key only.
    pages = ["page=4"] if gateway.source == "Alb" else ["page=3", "page=4"]
    expect("the query", sorted(query.split("&")), ["empty=", "k=a%2Bb%26", *pages])


def headers_and_cookies(gateway: Gateway) -> None:
    """Each value of a repeated header arrives, and one header with all cookies."""
    sent = ["x-many: one", "x-many: two", "cookie: session=abc; theme=dark", "x-empty: "]
    seen = gateway.described("GET", "/headers", headers=sent)["headers"]
    expect("x-many", seen["x-many"].replace(", ", ","), "one,two")
    expect("cookie", seen["cookie"], "session=abc; theme=dark")
    if gateway.source != "FunctionUrl":  # it has its own name there, as on AWS
        expect("host", seen["host"], gateway.host)


def json_body(gateway: Gateway) -> None:
    """A JSON body arrives byte for byte, with any method."""
    body = '{"item":"café", "n":1}'.encode()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        request = gateway.described(method, "/orders/7", body, ["content-type: application/json"])
        expect("the method and the body", (request["method"], bytes(request["body"])), (method, body))


def binary_bodies(gateway: Gateway) -> None:
    """Bytes that are no text reach the application, and the caller."""
    headers = ["content-type: application/octet-stream", "accept: */*"]
    response = gateway.send("POST", "/mirror", BYTES, headers)
    expect("the status", response.status, 200)
    expect("the body", response.body, BYTES)
    expect("the content type", response.values("content-type"), ["application/octet-stream"])


def status_and_response_headers(gateway: Gateway) -> None:
    """The status, both cookies and both values of a header reach the caller."""
    response = gateway.send("GET", "/cookies")
    expect("the status and the body", (response.status, response.body), (201, b"baked"))
    expect("set-cookie", response.values("set-cookie"), ["a=1; Path=/", "b=2; HttpOnly"])
    expect("x-many", ", ".join(response.values("x-many")), "one, two")


def head(gateway: Gateway) -> None:
    """A response to HEAD has the headers of GET and no body."""
    response = gateway.send("HEAD", "/cookies")
    expect("the status and the body", (response.status, response.body), (201, b""))
    expect("content-length", response.values("content-length"), ["5"])


def not_found(gateway: Gateway) -> None:
    """A 404 of the application reaches the caller with its own body."""
    response = gateway.send("GET", "/missing")
    expect("the status and the body", (response.status, response.body), (404, b"the application does not have it"))


CHECKS: list[Callable[[Gateway], None]] = [
    path_and_query,
    headers_and_cookies,
    json_body,
    binary_bodies,
    status_and_response_headers,
    head,
    not_found,
]


def run(check: Callable[[Gateway], None], gateway: Gateway) -> bool:
    """Runs a check and prints its outcome; returns whether it passed."""
    name = f"MiniStack, {gateway.source}: {check.__name__}"
    try:
        check(gateway)
    except (Failed, KeyError, ValueError) as failure:
        print(f"FAIL {name}\n     {failure!r}", flush=True)
        return False
    print(f"ok   {name}", flush=True)
    return True


def same_process(gateways: list[Gateway]) -> None:
    """Fails unless one process has served all gateways."""
    processes = {gateway.described("GET", "/last")["process"] for gateway in gateways}
    expect("the number of processes", len(processes), 1)


def main() -> int:
    """Runs every check on every gateway of the same function."""
    parser = argparse.ArgumentParser(prog="gateways", allow_abbrev=False)
    parser.add_argument("--ministack", type=Path, required=True, help="MiniStack's executable")
    parser.add_argument("--bootstrap", type=Path, required=True, help="a build of the fixture `echo`")
    arguments = parser.parse_args()
    # SIGTERM must pass through every `finally`, which ends the child processes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stack = MiniStack(arguments.ministack.absolute())
    have_passed = False
    try:
        stack.start()
        gateways = Gateways(stack).create(arguments.bootstrap)
        have_passed = all([run(check, gateway) for gateway in gateways for check in CHECKS])
        same_process(gateways)
    except (Failed, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as failure:
        print(f"FAIL MiniStack\n     {failure}", flush=True)
        have_passed = False
    finally:
        if not have_passed:
            print(stack.output())
        stack.stop()
    return 0 if have_passed else 1


if __name__ == "__main__":
    sys.exit(main())
