#!/usr/bin/env bash
# Connects a DingTalk bot: makes an agent that answers and a channel for the app, then waits until it is connected.
#   ADMIN_API_KEY=… CLIENT_ID=ding… CLIENT_SECRET=… examples/add-channel.sh
# Further variables: ADMIN_API_URL, CHANNEL_NAME, AGENT_ID (an agent that exists), CARD_TEMPLATE_ID and CARD_CONTENT_KEY
# (your own card template), CARD_PACE (smooth, balanced, thrifty, off). Needs curl and node.
set -euo pipefail
: "${ADMIN_API_KEY:?the key that npm start prints, or your own}"
: "${CLIENT_ID:?Client ID (AppKey) of the app on open-dev.dingtalk.com}"
: "${CLIENT_SECRET:?Client Secret (AppSecret) of the same app}"
export CLIENT_ID CLIENT_SECRET
base="${ADMIN_API_URL:-http://127.0.0.1:3000}/api/v1"

# Secrets stay out of the list of processes: curl reads header and body from pipes.
call() { # METHOD PATH, then "body" when there is one on stdin; an error's answer goes to stderr
  local answer
  answer=$(curl --silent --show-error --fail-with-body --request "$1" "$base$2" \
    --header @<(printf 'authorization: Bearer %s\n' "$ADMIN_API_KEY") \
    --header 'content-type: application/json' ${3:+--data-binary @-}) || { echo "$1 $2: $answer" >&2; return 1; }
  printf '%s' "$answer"
}
field() { node -e 'const t = require("fs").readFileSync(0, "utf8"); if (t) process.stdout.write(String(JSON.parse(t)[process.argv[1]] ?? ""))' "$1"; }

# Switched off at first: nobody gets an answer from a bot that has no agent yet.
channel=$(node -e '
  const env = process.env, given = (name) => env[name] || undefined;
  console.log(JSON.stringify({
    name: env.CHANNEL_NAME || env.CLIENT_ID, clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET, enabled: false,
    card: { templateId: given("CARD_TEMPLATE_ID"), contentKey: given("CARD_CONTENT_KEY"), pace: given("CARD_PACE") },
  }));' | call POST /channels body | field id)
echo "channel $channel"

agent="${AGENT_ID:-}"
if [ -z "$agent" ]; then
  agent=$(printf '{"name":"Demo for %s","kind":"demo"}' "$CLIENT_ID" | call POST /agents body | field id)
  echo "agent   $agent (demo; set AGENT_ID for another one)"
fi
printf '{"defaultAgentId":"%s","enabled":true}' "$agent" | call PATCH "/channels/$channel" body >/dev/null

for _ in $(seq 30); do
  status=$(call GET "/channels/$channel/status")
  state=$(field state <<<"$status")
  case "$state" in connected | bad_credentials | misconfigured) break ;; esac
  sleep 1
done
echo "state   $state ($(field code <<<"$status")): $(field message <<<"$status")"
[ "$state" = connected ] || { field userAction <<<"$status"; echo; exit 1; }
