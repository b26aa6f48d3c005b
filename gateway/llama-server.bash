# Starts llama-servers with the weights of models/gguf, for scripts that source this: start_llama_server [OPTION ...] starts one more and sets
# llama_server to its address. They end with the script. Needs Python, cmake, ninja and a C++ compiler where it was not built yet.

llama_server_processes=()
llama_server_logs=()

start_llama_server() {
  local binaries weights log port process tenths
  binaries=$(models/llama-server)
  weights=$(models/gguf SmolLM2-135M-Instruct)
  log=$(mktemp)
  llama_server_logs+=("$log")
  trap end_llama_servers EXIT
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  # One thread: with more, on a machine that others use as well, it decodes a token a second.
  "$binaries/llama-server" --model "$weights" --threads 1 --host 127.0.0.1 --port "$port" --ctx-size 8192 --parallel 4 --slots --jinja \
    "$@" >"$log" 2>&1 &
  process=$!
  llama_server_processes+=("$process")
  llama_server=http://127.0.0.1:$port
  for ((tenths = 0; ; tenths++)); do
    if curl --silent --fail "$llama_server/health" >/dev/null; then break; fi
    if ((tenths == 600)) || ! kill -0 "$process" 2>/dev/null; then
      tail -20 "$log" >&2
      echo "$0: llama-server is not ready after a minute, or has ended." >&2
      exit 1
    fi
    sleep 0.1
  done
}

end_llama_servers() {
  kill "${llama_server_processes[@]}" 2>/dev/null || true
  rm -f "${llama_server_logs[@]}"
}
