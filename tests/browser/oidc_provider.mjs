// A real OpenID provider (npm oidc-provider, certified by the OpenID Foundation) for the log-in test: whoever types a
// login there is that person. Arguments: folder of node_modules, port, issuer, redirect URI, client secret.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, port, issuer, redirectUri, secret] = process.argv.slice(2);
const entry = createRequire(pathToFileURL(`${modules}/x.js`)).resolve("oidc-provider");
const { Provider } = await import(pathToFileURL(entry));
const provider = new Provider(issuer, {
  clients: [{ client_id: "laidian", client_secret: secret, redirect_uris: [redirectUri] }],
  cookies: { keys: ["a key of the tests"] },
  claims: { openid: ["sub"], profile: ["preferred_username", "name"], groups: ["groups"] },
  pkce: { required: () => true },
  findAccount: (_, login) => ({
    accountId: login,
    claims: () => ({ sub: login, preferred_username: login, name: login, groups: login === "2001" ? ["leads"] : ["agents"] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
