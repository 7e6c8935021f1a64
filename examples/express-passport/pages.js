// The pages of the app.
const page = body => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Acme reports</title>
<h1>Acme reports</h1>
${body}
</html>`

// Without an action: it is sent to where it is, with what says where to go on.
export const LOGIN_FORM = page(`<form method="post">
  <p><label>User <input name="username" autocomplete="username" required autofocus></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
  <button>Log in</button>
</form>`)

export function home(user, links) {
  if (!user) return page('<p><a href="/login">Log in</a></p>')
  return page(`<p>Hello ${user.name}</p>
<ul>${links.map(link => `<li>${link}</li>`).join('')}</ul>
<form method="post" action="/logout"><button>Log out</button></form>`)
}

// Where to go after the login: to a path of this app's, whatever a link to /login says.
export function ownPath(path) {
  const here = 'http://here.invalid'
  if (typeof path !== 'string' || !URL.canParse(path, here)) return '/'
  const { origin, pathname, search, hash } = new URL(path, here)
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/'
}
