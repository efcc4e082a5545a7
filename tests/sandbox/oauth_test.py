"""Drives the sign-in of the real dogpipe-sandbox. Usage: oauth_test.py <dogpipe-sandbox>"""

import base64
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

sys.dont_write_bytecode = True  # the source folder stays as it is

import sandbox_test
from sandbox_test import BOTH, Answer

BROWSER = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "browser.py"
LTD, LABS = "7be2a1c4-2f0d-4f7a-bb7e-3a9d5f60c002", "c41d90f6-5b1e-4a0c-8e27-91d2b7e3a004"
REDIRECT = "http://localhost:19876/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fetch(method, url, body=None, fields=None):
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    with contextlib.closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)) as connection:
        connection.request(method, target, body, fields or {})
        return Answer(connection.getresponse())


class Sandbox(sandbox_test.Sandbox):
    """With a client that signs in. Refusals are answers, not exceptions."""

    def __init__(self, *switches):
        super().__init__(*switches)
        word, self.app = self.process.stdout.readline().split()
        assert word == "app"
        self.origin = self.url.removesuffix("/v1/mcp")

    def metadata(self, place="/.well-known/oauth-authorization-server"):
        return fetch("GET", self.origin + place)

    def endpoint(self, name):
        return self.metadata().json[name + "_endpoint"]

    def register(self, **changes):
        wish = {"client_name": "test", "redirect_uris": [REDIRECT], **changes}
        wish = {name: value for name, value in wish.items() if value is not None}
        return fetch("POST", self.endpoint("registration"), json.dumps(wish), {"Content-Type": "application/json"})

    @property
    def client_id(self):
        return self.register().json["client_id"]

    def authorize(self, **changes):
        query = {"response_type": "code", "client_id": changes.pop("client_id", None) or self.client_id,
                 "redirect_uri": REDIRECT, "code_challenge": CHALLENGE, "code_challenge_method": "S256",
                 "state": "st&te", **changes}
        query = {name: value for name, value in query.items() if value is not None}
        return fetch("GET", self.endpoint("authorization") + "?" + urllib.parse.urlencode(query))

    def callback(self, answer):
        """What a redirect brings to the client."""
        where, _, query = answer.fields["Location"].partition("?")
        assert (answer.status, where) == (302, REDIRECT), (answer.status, where)
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True))

    def code(self, **changes):
        return self.callback(self.authorize(**changes))["code"]

    def token(self, fields=None, **form):
        form = {name: value for name, value in form.items() if value is not None}
        return fetch("POST", self.endpoint("token"), urllib.parse.urlencode(form), {**FORM, **(fields or {})})

    def redeem(self, code, **changes):
        return self.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
                             "client_id": self.client_id, "code_verifier": VERIFIER, **changes})

    def refresh(self, token, **changes):
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, "client_id": self.client_id,
                             **changes})

    def sign_in(self, **changes):
        return self.redeem(self.code(**changes)).json

    def try_token(self, token):
        fields = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Accept": BOTH}
        return self.request("POST", "/v1/mcp", '{"jsonrpc":"2.0","id":1,"method":"ping"}', fields)

    def accepts(self, token):
        return self.try_token(token).status != 401

    def session_with(self, token):
        self.key = {"Authorization": "Bearer " + token}
        return self.session()

    def whoami(self, token):
        answer = self.session_with(token).send("resources/read", {"uri": "datadog://mcp/whoami"})
        return json.loads(answer.json["result"]["contents"][0]["text"])

    def do(self, what):
        answer = self.request("POST", "/sandbox/" + what)
        assert answer.status == 200, what

    @property
    def stats(self):
        return self.ask("stats")["oauth"]


class Discovery(unittest.TestCase):
    def test_the_documents_name_two_origins(self):
        with Sandbox() as sandbox:
            self.assertNotEqual(sandbox.app, sandbox.origin)
            for path in ("", "/v1/mcp", "/api/unstable/mcp-server/mcp"):
                answer = sandbox.metadata("/.well-known/oauth-protected-resource" + path)
                self.assertEqual((answer.status, answer.type), (200, "application/json"))
                self.assertEqual(answer.json, {"resource": sandbox.origin, "authorization_servers": [sandbox.url]})
            self.assertEqual(sandbox.metadata().json["issuer"], sandbox.url)
            self.assertEqual(sandbox.metadata().body,
                             sandbox.metadata("/.well-known/oauth-authorization-server/v1/mcp").body)
            self.assertEqual(sandbox.endpoint("token"), sandbox.app + "/api/v2/oauth2/token")
            self.assertEqual(sandbox.metadata("/.well-known/openid-configuration").status, 404)

    def test_guessed_paths_do_not_exist_and_are_counted(self):
        with Sandbox() as sandbox:
            paths = ["/token", "/register", "/authorize", "/v1/mcp/token", "/api/v2/oauth2/token",
                     "/api/unstable/mcp-server/token", "/oauth2/v1/authorize"]
            for path in paths:
                self.assertEqual(fetch("POST", sandbox.origin + path).status, 404, path)
            self.assertEqual(fetch("POST", sandbox.app + "/v1/mcp").status, 404)
            self.assertEqual(fetch("GET", sandbox.app + "/.well-known/oauth-authorization-server").status, 404)
            stats = sandbox.stats
            self.assertEqual(stats["unexpected_paths"], paths + ["/v1/mcp"])
            self.assertEqual(stats["unexpected"], len(paths) + 1)
            self.assertEqual(stats["discoveries"], 1)

    def test_everything_can_be_on_one_origin_in_three_ways(self):
        for switch, token in (("--same-origin", "/api/v2/oauth2/token"), ("--root-oauth", "/token"),
                              ("--legacy-oauth", "/api/unstable/mcp-server/token")):
            with Sandbox(switch, "--auto-consent") as sandbox:
                self.assertEqual(sandbox.app, sandbox.origin)
                self.assertEqual(sandbox.endpoint("token"), sandbox.origin + token)
                self.assertEqual(sandbox.authorize().status, 302)

    def test_metadata_can_be_missing_or_wrong(self):
        with Sandbox("--no-prm", "--as-metadata", "path", "--as-field", "token_endpoint=",
                     "--issuer", "http://x") as sandbox:
            self.assertEqual(sandbox.metadata("/.well-known/oauth-protected-resource").status, 404)
            self.assertEqual(sandbox.metadata().status, 404)
            document = sandbox.metadata("/.well-known/oauth-authorization-server/v1/mcp").json
            self.assertNotIn("token_endpoint", document)
            self.assertEqual(document["issuer"], "http://x")


class Registration(unittest.TestCase):
    def test_everybody_gets_the_same_public_client(self):
        with Sandbox() as sandbox:
            first = sandbox.register(client_name="one", token_endpoint_auth_method="client_secret_basic")
            second = sandbox.register(client_name="two", redirect_uris=["https://example.com/x", "a:b"],
                                      grant_types=["authorization_code"])
            self.assertEqual((first.status, second.status), (201, 201))
            self.assertEqual(first.json["client_id"], second.json["client_id"])
            self.assertRegex(first.json["client_id"], "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
            self.assertEqual(second.json, {
                "client_id": first.json["client_id"], "client_name": "two", "grant_types": ["authorization_code"],
                "redirect_uris": ["https://example.com/x", "a:b"], "response_types": ["code"],
                "token_endpoint_auth_method": "none"})
            self.assertEqual(first.json["grant_types"], ["authorization_code", "refresh_token"])
            self.assertNotIn("client_secret", first.json)
            self.assertEqual(sandbox.stats["registrations"], 2)
            self.assertEqual(json.loads(sandbox.stats["last_registration"])["client_name"], "two")

    def test_what_is_wrong_is_refused(self):
        with Sandbox() as sandbox:
            for error, changes in (("client_metadata", {"client_name": None}), ("client_metadata", {"client_name": ""}),
                                   ("client_metadata", {"client_name": "a\nb"}),
                                   ("client_metadata", {"client_name": "a\x7f"}),
                                   ("client_metadata", {"response_types": ["token"]}),
                                   ("redirect_uri", {"redirect_uris": None}), ("redirect_uri", {"redirect_uris": []}),
                                   ("redirect_uri", {"redirect_uris": [1]})):
                answer = sandbox.register(**changes)
                self.assertEqual((answer.status, answer.json["error"]), (400, "invalid_" + error), changes)
            self.assertEqual(fetch("POST", sandbox.endpoint("registration"), "{}", FORM).status, 415)
            self.assertEqual(fetch("GET", sandbox.endpoint("registration")).status, 405)

    def test_registration_can_be_refused(self):
        for status in (400, 403, 429):
            with Sandbox("--dcr-refuse", str(status)) as sandbox:
                answer = sandbox.register()
                self.assertEqual(answer.status, status)
                self.assertEqual("Retry-After" in answer.fields, status == 429)

    def test_clients_can_be_forgotten(self):
        with Sandbox("--auto-consent") as sandbox:
            old, tokens = sandbox.client_id, sandbox.sign_in()
            sandbox.do("forget-clients")
            refusal = sandbox.refresh(tokens["refresh_token"], client_id=old)
            self.assertEqual((refusal.status, refusal.json["error"]), (401, "invalid_client"))
            self.assertEqual(sandbox.authorize(client_id=old).status, 400)
            self.assertNotEqual(sandbox.client_id, old)
            self.assertIn("access_token", sandbox.sign_in())

    def test_clients_can_be_forgotten_by_themselves(self):
        with Sandbox("--auto-consent", "--forget-clients") as sandbox:
            old, tokens = sandbox.client_id, sandbox.sign_in()
            self.assertEqual(sandbox.refresh(tokens["refresh_token"], client_id=old).json["error"], "invalid_client")
            self.assertTrue(sandbox.accepts(tokens["access_token"]))

    def test_a_region_has_its_own_client(self):
        with Sandbox() as here, Sandbox("--client-id", "11111111-2222-4333-a444-555555555555") as there:
            answer = there.authorize(client_id=here.client_id)
            self.assertEqual((answer.status, answer.json),
                             (400, {"errors": ["invalid_request - Invalid client_id parameter value."]}))


class Authorization(unittest.TestCase):
    def test_some_errors_end_on_a_page(self):
        with Sandbox("--auto-consent") as sandbox:
            for changes, text in (({"client_id": "https://example.com/client"}, "Invalid client_id parameter value."),
                                  ({"redirect_uri": "https://example.com/"}, "Mismatching redirect URI."),
                                  ({"redirect_uri": None}, "Mismatching redirect URI."),
                                  ({"code_challenge": None}, "Code challenge required."),
                                  ({"code_challenge": "short"}, "Code challenge required."),
                                  ({"code_challenge_method": "plain"}, "Code challenge required.")):
                answer = sandbox.authorize(**changes)
                self.assertEqual((answer.status, answer.type), (400, "application/json"))
                self.assertEqual(answer.json, {"errors": ["invalid_request - " + text]})
                self.assertNotIn("Location", answer.fields)

    def test_other_errors_come_back(self):
        with Sandbox("--auto-consent") as sandbox:
            unknown = "The following scopes are not recognized: "
            for changes, error, text in (({"scope": ""}, "invalid_scope", unknown),
                                         ({"scope": "openid email profile"}, "invalid_scope",
                                          unknown + "openid email profile"),
                                         ({"response_type": "token"}, "unsupported_response_type", None),
                                         ({"dd_oid": LTD[::-1]}, "access_denied", None)):
                back = sandbox.callback(sandbox.authorize(**changes))
                self.assertEqual((back["error"], back["state"]), (error, "st&te"))
                self.assertNotIn("code", back)
                if text:
                    self.assertEqual(back["error_description"], text)
            self.assertEqual(sandbox.stats["authorizations"], 4)

    def test_the_callback_brings_datadogs_parameters(self):
        for switches, domain, site in (((), "datadoghq.com", "https://app.datadoghq.com"),
                                       (("--site", "us5.datadoghq.com"), "us5.datadoghq.com", "https://us5.datadoghq.com"),
                                       (("--wrong-site",), "datadoghq.eu", "https://app.datadoghq.eu")):
            with Sandbox("--auto-consent", *switches) as sandbox:
                back = sandbox.callback(sandbox.authorize())
                code = back.pop("code")
                self.assertEqual(back, {"state": "st&te", "dd_oid": LTD, "dd_org_name": "Sandbox Ltd",
                                        "site": site, "domain": domain})
                self.assertNotIn(code, json.dumps(sandbox.stats))

    def test_the_issuer_comes_along_when_asked(self):
        for switches, iss in (((), None), (("--iss",), "own"), (("--wrong-iss",), "https://other.example.com"),
                              (("--iss", "--deny"), "own")):
            with Sandbox("--auto-consent", *switches) as sandbox:
                back = sandbox.callback(sandbox.authorize())
                self.assertEqual(back.get("iss"), sandbox.url if iss == "own" else iss)
                announced = sandbox.metadata().json.get("authorization_response_iss_parameter_supported", False)
                self.assertEqual(announced, iss is not None)
                self.assertEqual("code" in back, "--deny" not in switches)

    def test_the_resource_can_be_required(self):
        with Sandbox("--auto-consent", "--require-resource") as sandbox:
            for wrong in (None, sandbox.url):
                self.assertEqual(sandbox.callback(sandbox.authorize(resource=wrong))["error"], "invalid_target")
            right = sandbox.origin
            self.assertEqual(sandbox.redeem(sandbox.code(resource=right)).json["error"], "invalid_target")
            tokens = sandbox.redeem(sandbox.code(resource=right), resource=right).json
            refresh = tokens["refresh_token"]
            self.assertEqual(sandbox.refresh(refresh).json["error"], "invalid_target")
            self.assertEqual(sandbox.refresh(refresh, resource=right).status, 200)
            self.assertEqual(sandbox.stats["last_authorization"]["resource"], right)
            self.assertEqual(sandbox.stats["last_token_request"]["resource"], right)
            self.assertEqual(sandbox.stats["last_token_request"]["refresh_token"], "*")


class TokenRequests(unittest.TestCase):
    def test_a_code_becomes_tokens(self):
        with Sandbox("--auto-consent") as sandbox:
            answer = sandbox.redeem(sandbox.code())
            self.assertEqual((answer.status, answer.fields["Cache-Control"]), (200, "no-store"))
            reply = answer.json
            self.assertEqual({**reply, "access_token": "", "refresh_token": ""},
                             {"access_token": "", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "",
                              "scope": "mcp_all"})
            self.assertEqual(sandbox.session_with(reply["access_token"]).opened.status, 200)
            self.assertEqual(sandbox.stats["codes_exchanged"], 1)

    def test_only_a_form_without_client_authentication_will_do(self):
        with Sandbox("--auto-consent") as sandbox:
            code, client = sandbox.code(), sandbox.client_id
            basic = "Basic " + base64.b64encode(f"{client}:secret".encode()).decode()
            for status, error, answer in (
                    (401, "invalid_client", sandbox.redeem(code, fields={"Authorization": basic})),
                    (401, "invalid_client", sandbox.redeem(code, client_secret="secret")),
                    (401, "invalid_client", sandbox.redeem(code, client_id="other")),
                    (401, "invalid_client", sandbox.redeem(code, client_id=None)),
                    (400, "invalid_request", sandbox.redeem(code, fields={"Content-Type": "application/json"})),
                    (400, "invalid_request", sandbox.redeem(code, code_verifier=None)),
                    (400, "invalid_request", sandbox.redeem(code, grant_type=None)),
                    (400, "unsupported_grant_type", sandbox.redeem(code, grant_type="password")),
                    (400, "invalid_grant", sandbox.redeem(code, redirect_uri=REDIRECT + "/")),
                    (400, "invalid_grant", sandbox.redeem(code, code_verifier="w" * 50)),
                    (200, None, sandbox.redeem(code)),
                    (400, "invalid_grant", sandbox.redeem(code))):
                self.assertEqual((answer.status, answer.json.get("error")), (status, error))
            body = urllib.parse.urlencode({"grant_type": "refresh_token", "client_id": client}) + "&client_id=" + client
            self.assertEqual(fetch("POST", sandbox.endpoint("token"), body, FORM).json["error"], "invalid_request")
            self.assertEqual(fetch("GET", sandbox.endpoint("token")).status, 405)

    def test_tokens_end(self):
        with Sandbox("--auto-consent", "--no-expires-in") as sandbox:
            tokens = sandbox.sign_in()
            self.assertNotIn("expires_in", tokens)
            sandbox.do("expire-tokens")
            answer = sandbox.try_token(tokens["access_token"])
            self.assertEqual((answer.status, answer.body), (401, '{"errors":["Unauthorized"]}'))
            self.assertNotIn("WWW-Authenticate", answer.fields)
            again = sandbox.refresh(tokens["refresh_token"]).json
            self.assertEqual(again["refresh_token"], tokens["refresh_token"])
            self.assertTrue(sandbox.accepts(again["access_token"]))
            sandbox.do("revoke-all")
            self.assertFalse(sandbox.accepts(again["access_token"]))
            self.assertEqual(sandbox.refresh(again["refresh_token"]).json["error"], "invalid_grant")
            self.assertTrue(sandbox.accepts("sandbox-token"))
            self.assertEqual((sandbox.stats["refreshes"], sandbox.stats["refreshes_granted"]), (2, 1))
        with Sandbox("--auto-consent", "--token-life", "0") as sandbox:
            self.assertFalse(sandbox.accepts(sandbox.sign_in()["access_token"]))

    def test_a_spent_refresh_token_ends_the_family(self):
        with Sandbox("--auto-consent", "--rotate") as sandbox:
            first = sandbox.sign_in()
            second = sandbox.refresh(first["refresh_token"]).json
            self.assertNotEqual(first["refresh_token"], second["refresh_token"])
            self.assertEqual(sandbox.refresh(first["refresh_token"]).json["error"], "invalid_grant")
            self.assertEqual(sandbox.refresh(second["refresh_token"]).json["error"], "invalid_grant")
            self.assertFalse(sandbox.accepts(second["access_token"]))
            self.assertEqual(sandbox.stats["refresh_reuse"], 1)

    def test_refresh_tokens_can_be_missing(self):
        with Sandbox("--auto-consent", "--omit-refresh-token") as sandbox:
            tokens = sandbox.sign_in()
            for _ in range(2):
                self.assertNotIn("refresh_token", sandbox.refresh(tokens["refresh_token"]).json)
        with Sandbox("--auto-consent", "--no-refresh-grant") as sandbox:
            self.assertNotIn("refresh_token", sandbox.sign_in())
            self.assertEqual(sandbox.refresh("x").json["error"], "unsupported_grant_type")

    def test_refreshes_can_fail(self):
        for error, status, kind in (("500", 500, "json"), ("503", 503, "json"), ("html", 502, "html"),
                                    ("invalid_grant", 400, "json")):
            with Sandbox("--auto-consent", "--refresh-error", error, "--refresh-errors", "1") as sandbox:
                tokens = sandbox.sign_in()
                answer = sandbox.refresh(tokens["refresh_token"])
                self.assertEqual(answer.status, status)
                self.assertIn(kind, answer.type)
                self.assertEqual(sandbox.refresh(tokens["refresh_token"]).status, 200)

    def test_a_lost_refresh_has_been_carried_out(self):
        with Sandbox("--auto-consent", "--rotate", "--refresh-error", "lost") as sandbox:
            tokens = sandbox.sign_in()
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                sandbox.refresh(tokens["refresh_token"])
            self.assertEqual(sandbox.stats["refreshes_granted"], 1)

    def test_late_answers_are_late_and_the_work_is_done(self):
        for switches in (("--slow-token", "60000"), ("--refresh-error", "slow:60000")):
            with Sandbox("--auto-consent", *switches) as sandbox:
                if "--slow-token" in switches:
                    form = {"grant_type": "authorization_code", "code": sandbox.code(), "redirect_uri": REDIRECT,
                            "client_id": sandbox.client_id, "code_verifier": VERIFIER}
                    counter = "codes_exchanged"
                else:
                    form = {"grant_type": "refresh_token", "refresh_token": sandbox.sign_in()["refresh_token"],
                            "client_id": sandbox.client_id}
                    counter = "refreshes_granted"
                parts = urllib.parse.urlsplit(sandbox.endpoint("token"))
                connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=0.3)
                with contextlib.closing(connection):
                    connection.request("POST", parts.path, urllib.parse.urlencode(form), FORM)
                    with self.assertRaises(TimeoutError):
                        connection.getresponse()
                self.assertEqual(sandbox.stats[counter], 1)

    def test_tokens_can_be_revoked_where_that_is_offered(self):
        with Sandbox("--auto-consent", "--revocation") as sandbox:
            tokens, where = sandbox.sign_in(), sandbox.endpoint("revocation")
            for form, status in (({"token": "unknown"}, 200), ({}, 400), ({"token": tokens["refresh_token"]}, 200)):
                body = urllib.parse.urlencode({"client_id": sandbox.client_id, **form})
                self.assertEqual(fetch("POST", where, body, FORM).status, status)
            self.assertFalse(sandbox.accepts(tokens["access_token"]))
            self.assertEqual(sandbox.stats["revocations"], 3)
        with Sandbox() as sandbox:
            self.assertEqual(fetch("POST", sandbox.app + "/api/v2/oauth2/revoke", "", FORM).status, 404)


class TheEraBefore(unittest.TestCase):
    def test_clients_have_secrets_and_must_use_them(self):
        with Sandbox("--legacy-oauth", "--auto-consent") as sandbox:
            mine = sandbox.register().json
            self.assertNotEqual(mine["client_id"], sandbox.client_id)
            self.assertEqual((mine["token_endpoint_auth_method"], mine["client_secret_expires_at"]),
                             ("client_secret_basic", 0))

            def redeem(secret, **changes):
                fields = {"Authorization": "Basic " + base64.b64encode(f"{mine['client_id']}:{secret}".encode()).decode()}
                return sandbox.redeem(sandbox.code(client_id=mine["client_id"]),
                                      fields=fields if secret else None, **changes)

            self.assertEqual(redeem(mine["client_secret"], client_id=None).status, 200)
            self.assertEqual(redeem(mine["client_secret"], client_id=mine["client_id"]).status, 200)
            self.assertEqual(redeem("wrong", client_id=None).json["error"], "invalid_client")
            self.assertEqual(redeem("", client_id=mine["client_id"]).json["error"], "invalid_client")
            refused = redeem(mine["client_secret"], client_id="other")
            self.assertEqual((refused.status, refused.json["error"]), (400, "invalid_request"))
            sandbox.do("forget-clients")
            self.assertEqual(sandbox.authorize(client_id=mine["client_id"]).status, 400)

    def test_public_clients_do_without_and_errors_are_plain(self):
        with Sandbox("--legacy-oauth", "--auto-consent") as sandbox:
            public = sandbox.register(token_endpoint_auth_method="none").json
            self.assertNotIn("client_secret", public)
            answer = sandbox.redeem(sandbox.code(client_id=public["client_id"]), client_id=public["client_id"])
            self.assertEqual(answer.status, 200)
            answer = sandbox.authorize(client_id="https://example.com/client")
            self.assertEqual((answer.status, answer.type), (400, "text/plain; charset=utf-8"))
            self.assertEqual(sandbox.metadata().json["scopes_supported"], [])


class Device(unittest.TestCase):
    GRANT = "urn:ietf:params:oauth:grant-type:device_code"

    def begin(self, sandbox, **form):
        body = urllib.parse.urlencode({"client_id": sandbox.client_id, **form})
        return fetch("POST", sandbox.endpoint("device_authorization"), body, FORM)

    def poll(self, sandbox, code):
        return sandbox.token(grant_type=self.GRANT, device_code=code, client_id=sandbox.client_id).json

    def test_a_device_waits_until_the_user_agrees(self):
        with Sandbox("--device", "--device-interval", "0") as sandbox:
            begun = self.begin(sandbox).json
            self.assertRegex(begun["user_code"], "^[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}$")
            self.assertEqual(begun["verification_uri"], sandbox.app + "/oauth2/v1/device")
            self.assertEqual(self.poll(sandbox, begun["device_code"])["error"], "authorization_pending")
            sandbox.do(f"approve-device?user_code={begun['user_code']}&org={LABS}")
            tokens = self.poll(sandbox, begun["device_code"])
            self.assertEqual(sandbox.whoami(tokens["access_token"])["org_uuid"], LABS)
            self.assertEqual(self.poll(sandbox, begun["device_code"])["error"], "invalid_grant")
            self.assertEqual(sandbox.stats["device_polls"], 3)

    def test_it_can_be_denied_or_too_eager(self):
        with Sandbox("--device", "--device-interval", "60") as sandbox:
            begun = self.begin(sandbox).json
            self.assertEqual(begun["interval"], 60)
            self.assertEqual([self.poll(sandbox, begun["device_code"])["error"] for _ in range(2)],
                             ["authorization_pending", "slow_down"])
            denied = self.begin(sandbox).json
            sandbox.do("deny-device?user_code=" + denied["user_code"])
            self.assertEqual(self.poll(sandbox, denied["device_code"])["error"], "access_denied")
            self.assertEqual(sandbox.request("POST", "/sandbox/approve-device?user_code=X").status, 404)
            self.assertEqual(self.begin(sandbox, scope="openid").json["error"], "invalid_scope")

    def test_without_the_switch_there_is_none(self):
        with Sandbox() as sandbox:
            self.assertNotIn("device_authorization_endpoint", sandbox.metadata().json)
            self.assertEqual(self.poll(sandbox, "x")["error"], "unsupported_grant_type")


class TheDoor(unittest.TestCase):
    def test_whoami_is_about_the_organization_of_the_token(self):
        with Sandbox("--auto-consent", "--site", "datadoghq.eu") as sandbox:
            for org, name in ((None, "Sandbox Ltd"), (LTD, "Sandbox Ltd"), (LABS, "Sandbox Labs & Sons")):
                known = sandbox.whoami(sandbox.sign_in(dd_oid=org)["access_token"])
                self.assertEqual((known["org_uuid"], known["org_name"], known["dd_site"]), (org or LTD, name, "datadoghq.eu"))
            self.assertEqual(sandbox.whoami("sandbox-token")["org_name"], "Sandbox Ltd")

    def test_a_challenge_tells_what_it_is_asked_to(self):
        with Sandbox("--challenge", "--challenge-scope", "a b") as sandbox:
            metadata = f'resource_metadata="{sandbox.origin}/.well-known/oauth-protected-resource/v1/mcp", scope="a b"'
            self.assertEqual(sandbox.request("POST", "/v1/mcp").fields["WWW-Authenticate"], "Bearer " + metadata)
            self.assertEqual(sandbox.try_token("x").fields["WWW-Authenticate"],
                             'Bearer error="invalid_token", ' + metadata)
        with Sandbox("--challenge", "--challenge-metadata", "http://169.254.169.254/") as sandbox:
            self.assertEqual(sandbox.request("POST", "/v1/mcp").fields["WWW-Authenticate"],
                             'Bearer resource_metadata="http://169.254.169.254/"')

    def test_calls_can_need_a_scope(self):
        with Sandbox("--auto-consent", "--default-scope", "mcp_read", "--call-scope", "mcp_write") as sandbox:
            first = sandbox.sign_in()
            self.assertEqual(first["scope"], "mcp_read")
            session = sandbox.session_with(first["access_token"])
            self.assertGreater(len(session.tools()), 10)
            refused = session.call(nonce="once")
            self.assertEqual((refused.status, refused.fields["WWW-Authenticate"]),
                             (403, 'Bearer error="insufficient_scope", scope="mcp_write"'))
            wider = sandbox.sign_in(scope="mcp_read mcp_write")["access_token"]
            session.fields["Authorization"] = "Bearer " + wider
            self.assertEqual(session.call(nonce="once").status, 200)
            self.assertEqual(sandbox.ask("ledger"), {"once": 1})
            self.assertEqual(sandbox.session_with("sandbox-token").call().status, 200)


class Visitor(http.server.BaseHTTPRequestHandler):
    """A client's listener: to a page of its own, as it should be, which here comes with links."""

    def do_GET(self):
        self.server.seen.append(self.path)
        done = self.path.startswith("/done")
        self.send_response(200 if done else 302)
        self.send_header("Location" if not done else "Content-Type", "/done" if not done else "text/html")
        self.end_headers()
        self.wfile.write(b'<a href="/elsewhere">A link that nobody should follow</a>' if done else b"")

    def log_message(self, *_):
        pass


class Browser(unittest.TestCase):
    def setUp(self):
        self.listener = http.server.HTTPServer(("127.0.0.1", 0), Visitor)
        self.listener.seen = []
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        self.addCleanup(self.listener.server_close)
        self.addCleanup(self.listener.shutdown)
        self.redirect = f"http://127.0.0.1:{self.listener.server_port}/callback"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "log"

    def url(self, sandbox, **changes):
        query = {"response_type": "code", "client_id": sandbox.client_id, "redirect_uri": self.redirect,
                 "code_challenge": CHALLENGE, "code_challenge_method": "S256", "state": "s", **changes}
        return sandbox.endpoint("authorization") + "?" + urllib.parse.urlencode(query)

    def open(self, url, *arguments, **environment):
        environment = {**os.environ, "BROWSER_LOG": str(self.log), **environment}
        run = subprocess.run([sys.executable, BROWSER, *arguments, url], env=environment, capture_output=True,
                             text=True, timeout=30)
        return run.returncode

    def seen(self):
        self.assertEqual([path.partition("?")[0] for path in self.listener.seen], ["/callback", "/done"])
        return dict(urllib.parse.parse_qsl(self.listener.seen[0].partition("?")[2]))

    def test_it_agrees_for_the_first_organization(self):
        with Sandbox() as sandbox:
            url = self.url(sandbox)
            self.assertEqual(self.open(url), 0)
            self.assertEqual(self.seen()["dd_oid"], LTD)
            line = json.loads(self.log.read_text())
            self.assertEqual(line, {"argv": [str(BROWSER), url], "status": 200,
                                    "final_url_without_query": self.redirect.replace("/callback", "/done")})
            self.assertEqual(sandbox.redeem(self.seen()["code"], redirect_uri=self.redirect).status, 200)

    def test_it_chooses_by_option_and_environment(self):
        with Sandbox() as sandbox:
            for how in ("option", "environment", "preselected", "refusal"):
                self.listener.seen.clear()
                url = self.url(sandbox, **({"dd_oid": LABS} if how == "preselected" else {}))
                arguments = {"option": ["--org", "labs"], "refusal": ["--deny"]}.get(how, [])
                self.assertEqual(self.open(url, *arguments, SANDBOX_ORG=LABS if how == "environment" else ""), 0)
                back = self.seen()
                self.assertEqual(back.get("dd_oid"), None if how == "refusal" else LABS)
                self.assertEqual(back.get("error"), "access_denied" if how == "refusal" else None)

    def test_it_fails_where_a_user_would_be_stuck(self):
        with Sandbox() as sandbox:
            self.assertEqual(self.open(self.url(sandbox, client_id="other")), 1)
            self.assertEqual(json.loads(self.log.read_text().splitlines()[-1])["status"], 400)
            self.assertEqual(self.open(self.url(sandbox), "--org", "Nobody"), 1)
            self.assertEqual(self.open("file:///etc/hostname"), 1)
            self.assertEqual(self.listener.seen, [])

    def test_a_consent_counts_once(self):
        with Sandbox() as sandbox:
            page = fetch("GET", self.url(sandbox)).body
            link = sandbox.app + page.split('href="')[1].split('"')[0].replace("&amp;", "&")
            self.assertEqual([fetch("GET", link).status for _ in range(2)], [302, 400])

    def test_it_connects_devices(self):
        with Sandbox("--device", "--device-interval", "0") as sandbox:
            body = urllib.parse.urlencode({"client_id": sandbox.client_id})
            begun = fetch("POST", sandbox.endpoint("device_authorization"), body, FORM).json
            self.assertEqual(self.open(begun["verification_uri_complete"], "--org", "Labs"), 0)
            tokens = sandbox.token(grant_type=Device.GRANT, device_code=begun["device_code"],
                                   client_id=sandbox.client_id).json
            self.assertEqual(sandbox.whoami(tokens["access_token"])["org_uuid"], LABS)


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK):
        sandbox_test.PROGRAM = sys.argv.pop(1)
    unittest.main()
