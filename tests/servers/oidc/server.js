// An OpenID provider for the tests: oidc-provider, with two clients, any login, and ways to go wrong.
//
//   node server.js MODULES REDIRECT_URL
//
// MODULES is the folder that `npm ci` filled. Prints the issuer once it answers. Deliberately absent: anything that a
// provider for people would need. The paths under /test change how it behaves:
//
//   POST /test/keys       it signs with another key from now on, and publishes only that one
//   POST /test/lie?as=…   the next ID token is not what it should be: audience, issuer, nonce, expired, unsigned, secret,
//                         stranger, early; or the answer is `large` or `silent`

import { generateKeyPairSync, randomBytes } from "node:crypto";
import http from "node:http";

const [modules, redirectUrl] = process.argv.slice(2);
// Standard output is for the issuer, and nobody reads on.
console.info = console.error;
const { default: Provider } = await import(`${modules}/node_modules/oidc-provider/lib/index.js`);
const jose = await import(`${modules}/node_modules/jose/dist/webapi/index.js`);

const SECRETS = { socai: "of-the-client-socai", other: "of-the-client-other" };

let keys;
let kind = 0;
let lie = null;
let answer;

// By turns of another kind, so that a rotation also changes the algorithm.
function newKey() {
  const kinds = [
    ["RS256", "rsa", { modulusLength: 2048 }],
    ["ES256", "ec", { namedCurve: "P-256" }],
  ];
  const [alg, type, options] = kinds[kind++ % kinds.length];
  const { privateKey } = generateKeyPairSync(type, options);
  const kid = randomBytes(8).toString("hex");
  return { ...privateKey.export({ format: "jwk" }), alg, kid, use: "sig" };
}

function provider(issuer) {
  keys = newKey();
  const clients = Object.entries(SECRETS).map(([client_id, client_secret]) => ({
    client_id,
    client_secret,
    redirect_uris: [redirectUrl],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    id_token_signed_response_alg: keys.alg,
  }));
  const made = new Provider(issuer, {
    clients,
    jwks: { keys: [keys] },
    cookies: { keys: ["of-the-provider"] },
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    conformIdTokenClaims: false,
    ttl: { IdToken: 300, AuthorizationCode: 60 },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id }),
    }),
    loadExistingGrant: granted,
  });
  made.use(lying);
  return made.callback();
}

// Nobody is asked whether a client may know who they are.
async function granted(ctx) {
  const grant = new ctx.oidc.provider.Grant({
    accountId: ctx.oidc.session.accountId,
    clientId: ctx.oidc.client.clientId,
  });
  grant.addOIDCScope("openid profile");
  await grant.save();
  return grant;
}

async function lying(ctx, next) {
  await next();
  if (ctx.path !== "/token" || !ctx.body?.id_token || lie === null) return;
  const as = lie;
  lie = null;
  const claims = jose.decodeJwt(ctx.body.id_token);
  const now = Math.floor(Date.now() / 1000);
  if (as === "large") return void (ctx.body.padding = "x".repeat(4 << 20));
  if (as === "silent") return new Promise(() => {});
  if (as === "audience") claims.aud = "other";
  if (as === "issuer") claims.iss = "https://elsewhere.example.vn";
  if (as === "nonce") claims.nonce = "of-another-login";
  if (as === "expired") Object.assign(claims, { iat: now - 900, exp: now - 600 });
  if (as === "early") Object.assign(claims, { iat: now + 900, exp: now + 1200 });
  ctx.body.id_token = await signed(as, claims);
}

async function signed(as, claims) {
  if (as === "unsigned") {
    const parts = [{ alg: "none" }, claims].map((part) => jose.base64url.encode(JSON.stringify(part)));
    return `${parts.join(".")}.`;
  }
  const jwt = (alg) => new jose.SignJWT(claims).setProtectedHeader({ alg, kid: keys.kid });
  if (as === "secret") return jwt("HS256").sign(new TextEncoder().encode(SECRETS.socai));
  if (as === "stranger") {
    const { privateKey } = await jose.generateKeyPair(keys.alg);
    return jwt(keys.alg).sign(privateKey);
  }
  return jwt(keys.alg).sign(await jose.importJWK(keys));
}

const server = http.createServer((request, response) => {
  const url = new URL(request.url, issuer);
  if (url.pathname === "/test/keys") answer = provider(issuer);
  else if (url.pathname === "/test/lie") lie = url.searchParams.get("as");
  else return answer(request, response);
  response.end();
});
server.listen(0, "127.0.0.1");
await new Promise((listening) => server.on("listening", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
answer = provider(issuer);
console.log(issuer);
