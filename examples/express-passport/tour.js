// What the demo prints: what to open, and a tour to copy and paste.
export const STEPS = [
  {
    says: 'Log in as alice, as the app always let her',
    run: 'curl -s -c alice.txt -d "username=alice&password=alice-password" $APP/login -o /dev/null',
  },
  {
    says: 'Make a key that may read reports; the token is shown this once',
    run: `KEY=$(curl -s -b alice.txt -H 'content-type: application/json' -d '{"name":"my script","permissions":["reports:read"],"organizationId":"acme"}' $APP/api-keys)
TOKEN=$(echo "$KEY" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/'); ID=$(echo "$KEY" | sed 's/.*"apiKey":{"id":"\\([^"]*\\)".*/\\1/'); echo "$TOKEN"`,
  },
  {
    says: 'Call a route with it: 200',
    run: 'curl -s -w " %{http_code}\\n" -H "Authorization: Bearer $TOKEN" $APP/reports',
  },
  {
    says: 'It was not given reports:write: 403',
    run: `curl -s -w " %{http_code}\\n" -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"title":"x"}' $APP/reports`,
  },
  {
    says: 'A key cannot make a key: 403',
    run: `curl -s -w " %{http_code}\\n" -H "Authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"name":"another"}' $APP/api-keys`,
  },
  {
    says: 'bob does not see that it exists: 404',
    run: `curl -s -c bob.txt -d "username=bob&password=bob-password" $APP/login -o /dev/null
curl -s -w " %{http_code}\\n" -b bob.txt $APP/api-keys/$ID`,
  },
  {
    says: 'root, an admin, revokes it: 200',
    run: `curl -s -c root.txt -d "username=root&password=root-password" $APP/login -o /dev/null
curl -s -w " %{http_code}\\n" -b root.txt -H 'content-type: application/json' -d '{"reason":"found in a public repository"}' $APP/api-keys/$ID/revoke`,
  },
  {
    says: 'The next request with it: 401',
    run: 'curl -s -w " %{http_code}\\n" -H "Authorization: Bearer $TOKEN" $APP/reports',
  },
]

export function tour(address, store) {
  const steps = STEPS.map(({ says, run }, i) => `# ${i + 1}. ${says}\n${run}`).join('\n\n')
  return `The demo runs at ${address}

  Open      ${address}/login, then ${address}/api-keys/ui/, the page for people
  Log-ins   alice, bob (members of acme), carol (acme's admin), root (admin); passwords: <name>-password
  Keys      ${store}

Try this in another terminal:

APP=${address}

${steps}
`
}
