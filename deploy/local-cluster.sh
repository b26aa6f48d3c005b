#!/usr/bin/env bash
# A Kafka broker and a Flink session cluster as processes of this machine, all on the loopback interface, from the same
# artifacts that the build uses. For trying the job outside one JVM, and what happens when a part of it dies.
#
#   deploy/local-cluster.sh up            start a broker, a JobManager and two TaskManagers; create the topics
#   deploy/local-cluster.sh submit [...]  submit the job by REST, with further options of the job
#   deploy/local-cluster.sh check [SECS]  feed events for SECS seconds and check every final score (default 20)
#   deploy/local-cluster.sh kill-test     the same for 60 s, killing the working TaskManager with -9 in the middle
#   deploy/local-cluster.sh savepoint     stop the job with a savepoint and print where that is
#   deploy/local-cluster.sh start-from SAVEPOINT [...]  submit the job to go on from a savepoint
#   deploy/local-cluster.sh status        state of jobs, checkpoints and TaskManagers
#   deploy/local-cluster.sh down          stop what `up` started; savepoints stay
#
# Build first: ./mvnw package -pl flink-jobs -am
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"
work="${EDISTREAM_CLUSTER_DIR:-$here/local-cluster/target}"
rest_port="${EDISTREAM_REST_PORT:-28081}"
rpc_port="${EDISTREAM_RPC_PORT:-26123}"
broker_port="${EDISTREAM_BROKER_PORT:-29092}"
metrics_ports="${EDISTREAM_METRICS_PORTS:-29249-29259}"
controller_port="${EDISTREAM_CONTROLLER_PORT:-29192}"
rest="http://127.0.0.1:$rest_port"
brokers="127.0.0.1:$broker_port"
flink_lib="$here/local-cluster/target/flink-lib"
kafka_lib="$here/local-cluster/target/kafka-lib"
add_opens="--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED"
add_opens="$add_opens --add-opens=java.base/java.net=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED"

fail() { echo "$*" >&2; exit 1; }

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
command -v "$java" >/dev/null || fail "no Java at $java: install a JDK, 17 or newer, or set JAVA_HOME to one"

# A pid file holds the pid and when its process began, since a pid is used again for another process.
# Ticks since the machine began are left alone by a clock that is set; where there are none, the time must do.
began() {
  if [ -d /proc/self ]; then
    { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; } 2>/dev/null || true
  else
    LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null || true
  fi
}
# pid_of NAME: the pid of a process that this script started and that still runs, or nothing
pid_of() {
  local pid start
  [ -e "$work/$1.pid" ] || return 0
  { read -r pid; read -r start; } < "$work/$1.pid" || true
  [[ "$pid" =~ ^[1-9][0-9]*$ ]] && [ -n "${start:-}" ] && [ "$(began "$pid")" = "$start" ] || return 0
  echo "$pid"
}

# What needs a cluster says so at once, instead of waiting for one that nobody started.
require_up() { curl -sf "$rest/overview" >/dev/null || fail "no cluster answers at $rest; run $0 up first"; }
require_job() {
  require_up
  [ -e "$work/job.id" ] && is_running || fail "no job runs; run $0 submit first"
}

job_jar() {
  local jar
  jar="$(ls "$root"/flink-jobs/target/edistream-flink-jobs-*-job.jar 2>/dev/null | head -1)"
  [ -n "$jar" ] || fail "no job jar: run ./mvnw package -pl flink-jobs -am first"
  echo "$jar"
}

# await SECONDS DESCRIPTION COMMAND...: until the command succeeds
await() {
  local limit="$1" what="$2"; shift 2
  local end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what: not within $limit s; see $work/*.log"
    sleep 0.5
  done
}

libraries() {
  for set in flink kafka; do
    [ -d "$here/local-cluster/target/$set-lib" ] || "$root/mvnw" -q -B -f "$here/local-cluster/pom.xml" -P"$set" \
      dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="target/$set-lib"
  done
}

configure() {
  mkdir -p "$work/conf" "$work/checkpoints"
  cat > "$work/conf/config.yaml" <<YAML
jobmanager:
  rpc: {address: 127.0.0.1, port: $rpc_port}
  bind-host: 127.0.0.1
  memory: {process: {size: 1024m}}
taskmanager:
  host: 127.0.0.1
  bind-host: 127.0.0.1
  numberOfTaskSlots: 2
  memory: {process: {size: 1024m}, managed: {size: 0m}}
rest: {address: 127.0.0.1, bind-address: 127.0.0.1, port: $rest_port}
execution:
  checkpointing: {dir: "file://$work/checkpoints"}
restart-strategy:
  type: fixed-delay
  fixed-delay: {attempts: 100, delay: 500ms}
heartbeat: {interval: 1000, timeout: 5000}
web: {upload: {dir: "$work/upload"}}
metrics:
  reporters: prom
  reporter:
    prom:
      factory: {class: org.apache.flink.metrics.prometheus.PrometheusReporterFactory}
      port: $metrics_ports
      # Names of models and operators as they are, and no label that makes a new series at every restart.
      filterLabelValueCharacters: "false"
      scope: {variables: {excludes: "task_attempt_id;task_attempt_num;tm_id;operator_id;task_id"}}
YAML
  cat > "$work/conf/log4j2.properties" <<'LOG'
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = Console
appender.console.type = Console
appender.console.name = Console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
logger.kafka.name = org.apache.kafka
logger.kafka.level = WARN
# Flink registers this gauge of the control sink anew at each checkpoint and warns that there is one; other collisions of names stay.
appender.console.filter.gauge.type = RegexFilter
appender.console.filter.gauge.regex = .*'pendingCommittables'.*
appender.console.filter.gauge.onMatch = DENY
appender.console.filter.gauge.onMismatch = NEUTRAL
LOG
  cat > "$work/conf/broker.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$broker_port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$broker_port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$work/broker
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=2097152
PROPERTIES
}

# launch NAME JAVA-ARGUMENTS...
launch() {
  local name="$1"; shift
  nohup "$java" -Dlog4j.configurationFile="$work/conf/log4j2.properties" "$@" >"$work/$name.log" 2>&1 &
  local pid=$!
  printf '%s\n%s\n' "$pid" "$(began "$pid")" > "$work/$name.pid"
}

start_broker() {
  local id
  id="$("$java" -cp "$kafka_lib/*" kafka.tools.StorageTool random-uuid 2>/dev/null | tail -1)"
  "$java" -cp "$kafka_lib/*" kafka.tools.StorageTool format -t "$id" -c "$work/conf/broker.properties" >"$work/format.log" 2>&1
  launch broker -Xmx400m -cp "$kafka_lib/*" kafka.Kafka "$work/conf/broker.properties"
}

start_jobmanager() {
  # The add-opens are what Flink's own scripts pass; without them submission by REST fails on Java 17.
  launch jobmanager -Xmx512m $add_opens -cp "$flink_lib/*" \
    org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint --configDir "$work/conf"
}

start_taskmanager() {
  local results jvm dynamic
  results="$("$java" -Dlog4j.configurationFile="$work/conf/log4j2.properties" -cp "$flink_lib/*" \
    org.apache.flink.runtime.util.bash.BashJavaUtils GET_TM_RESOURCE_PARAMS --configDir "$work/conf" 2>/dev/null \
    | sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p')"
  jvm="$(sed -n 1p <<<"$results")"
  dynamic="$(sed -n 2p <<<"$results")"
  [ -n "$dynamic" ] || fail "the memory of the TaskManager could not be computed"
  launch "$1" $jvm $add_opens -cp "$flink_lib/*" \
    org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$work/conf" $dynamic
}

taskmanagers() { curl -sf "$rest/taskmanagers" | grep -o '"id":"127[^"]*"' | wc -l; }
have_taskmanagers() { [ "$(taskmanagers)" -ge "$1" ]; }

check_class() {
  "$java" -cp "$root/flink-jobs/target/test-classes:$(job_jar):$flink_lib/*" io.edistream.jobs.ClusterCheck "$@"
}

up() {
  job_jar >/dev/null
  local name
  for name in broker jobmanager taskmanager1 taskmanager2; do
    [ -z "$(pid_of "$name")" ] || fail "$name runs already; run $0 down first"
    rm -f "$work/$name.pid"
  done
  # What an earlier start left that was not stopped: a broker takes its folder for its own only if the ids match.
  rm -rf "$work/broker" "$work/job.id"
  libraries
  configure
  start_broker
  start_jobmanager
  await 90 "JobManager" curl -sf "$rest/overview"
  start_taskmanager taskmanager1
  start_taskmanager taskmanager2
  await 90 "TaskManagers" have_taskmanagers 2
  await 90 "topics" check_class topics "$brokers"
  echo "up: brokers $brokers, Flink $rest"
}

json_string() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -1; }

# What Flink refuses comes as a stack trace inside JSON: what lies at its bottom, in one line.
innermost() {
  local text
  text="$(sed -n 's/.*"errors":\[\(.*\)\].*/\1/p' <<<"$1" | sed 's/\\n/\n/g; s/\\t/ /g; s/\\"/"/g')"
  if grep -q 'Caused by: ' <<<"$text"; then
    grep 'Caused by: ' <<<"$text" | tail -1 | sed 's/^.*Caused by: //; s/^[A-Za-z0-9_.$]*\(Exception\|Error\): //'
  elif [ -n "$text" ]; then
    grep -v '^ *at ' <<<"$text" | sed 's/^"//; s/"$//; s/^\(Internal server error\.\|<Exception on server side:\)[", ]*//' \
      | grep -v '^ *$' | head -1 | sed 's/^[A-Za-z0-9_.$]*\(Exception\|Error\): //'
  else
    echo "${1:-no answer}"
  fi
}

submit() { run_job "" "$@"; }

start_from() {
  [ $# -ge 1 ] || fail "start-from: which savepoint? $0 savepoint prints where it wrote one"
  local savepoint="$1"; shift
  [ -e "${savepoint#file:}/_metadata" ] || fail "start-from $savepoint: no savepoint is there (no _metadata)"
  run_job "$savepoint" "$@"
}

# run_job SAVEPOINT-OR-NOTHING OPTIONS...
run_job() {
  local savepoint="$1"; shift
  require_up
  [ ! -e "$work/job.id" ] || ! is_running || fail "a job runs already; run $0 savepoint to stop it, or $0 down"
  local uploaded id args="" option
  uploaded="$(curl -sf -X POST -H 'Expect:' -F "jarfile=@$(job_jar)" "$rest/jars/upload" | json_string filename)"
  for option in --bootstrap-servers "$brokers" --parallelism 2 --checkpoint-interval 1s "$@"; do
    args="$args${args:+,}\"$option\""
  done
  local answer
  answer="$(curl -s -X POST -H 'Content-Type: application/json' -d "{\"programArgsList\":[$args]${savepoint:+,\"savepointPath\":\"$savepoint\"}}" \
    "$rest/jars/${uploaded##*/}/run")"
  id="$(json_string jobid <<<"$answer")"
  [ -n "$id" ] || fail "refused: $(innermost "$answer")"
  echo "$id" > "$work/job.id"
  await 60 "job $id" is_running
  echo "job $id runs"
}

all_tasks_run() { ! grep -q '"status":"\(CREATED\|SCHEDULED\|DEPLOYING\|INITIALIZING\|FAILED\|CANCELED\|CANCELING\)"'; }
is_running() {
  local job
  job="$(curl -sf "$rest/jobs/$(cat "$work/job.id")")"
  grep -q '"state":"RUNNING"' <<<"$job" && all_tasks_run <<<"$job"
}
restored() { curl -sf "$rest/jobs/$(cat "$work/job.id")/checkpoints" | grep -q '"restored":[1-9]'; }

savepoint() {
  require_job
  local id trigger answer
  id="$(cat "$work/job.id")"
  answer="$(curl -s -X POST -H 'Content-Type: application/json' -d "{\"targetDirectory\":\"file://$work/savepoints\",\"drain\":false}" \
    "$rest/jobs/$id/stop")"
  trigger="$(json_string request-id <<<"$answer")"
  [ -n "$trigger" ] || fail "refused: $(innermost "$answer")"
  savepoint_ended() { answer="$(curl -sf "$rest/jobs/$id/savepoints/$trigger")" && grep -q '"id":"COMPLETED"' <<<"$answer"; }
  await 60 "savepoint" savepoint_ended
  answer="$(curl -s "$rest/jobs/$id/savepoints/$trigger")"
  [ -n "$(json_string location <<<"$answer")" ] || fail "no savepoint: $(savepoint_failure "$answer")"
  rm -f "$work/job.id"
  json_string location <<<"$answer"
}
# The failure of a savepoint stands under another name than a refusal.
savepoint_failure() { innermost "$(sed 's/.*"stack-trace":\("[^"]*"\).*/{"errors":[\1]}/' <<<"$1")"; }

status() {
  require_up
  curl -sf "$rest/jobs/overview"; echo
  [ ! -e "$work/job.id" ] || { curl -sf "$rest/jobs/$(cat "$work/job.id")/checkpoints" | grep -o '"counts":{[^}]*}'; }
  echo "TaskManagers: $(taskmanagers)"
}

# The TaskManager that runs the keyed operator of the job.
victim() {
  local vertex host
  vertex="$(curl -sf "$rest/jobs/$(cat "$work/job.id")" | grep -o '"id":"[0-9a-f]\{32\}","slotSharingGroupId":"[^"]*","name":"watch' | head -1 | cut -d'"' -f4)"
  host="$(curl -sf "$rest/jobs/$(cat "$work/job.id")/vertices/$vertex" | grep -o '"taskmanager-id":"[^"]*"' | head -1 | cut -d'"' -f4)"
  [ -n "$host" ] || fail "no TaskManager runs the job"
  for name in taskmanager1 taskmanager2; do
    ! grep -q -- "$host" "$work/$name.log" || { echo "$name"; return; }
  done
  fail "no TaskManager of this script runs the job"
}

kill_test() {
  require_job
  # In the background a function is a shell that waits for its program, which would outlive it.
  (exec "$java" -cp "$root/flink-jobs/target/test-classes:$(job_jar):$flink_lib/*" io.edistream.jobs.ClusterCheck \
    feed "$brokers" 60) > "$work/check.log" 2>&1 &
  local check=$!
  # shellcheck disable=SC2064
  trap "kill $check 2>/dev/null || true" EXIT
  sleep 15
  echo "before: $(curl -sf "$rest/jobs/$(cat "$work/job.id")/checkpoints" | grep -o '"counts":{[^}]*}')"
  local name; name="$(victim)"
  local killed=$SECONDS
  local pid; pid="$(pid_of "$name")"
  [ -n "$pid" ] || fail "$name does not run"
  kill -9 "$pid"
  echo "killed $name"
  await 60 "restore" restored
  await 60 "job" is_running
  echo "restored and running after $((SECONDS - killed)) s"
  local outcome=0
  wait "$check" || outcome=$?
  grep 'sequences of' "$work/check.log" || cat "$work/check.log"
  echo "after: $(curl -sf "$rest/jobs/$(cat "$work/job.id")/checkpoints" | grep -o '"counts":{[^}]*}')"
  start_taskmanager "$name"
  return "$outcome"
}

check() {
  [[ "$1" =~ ^[1-9][0-9]*$ ]] || fail "check $1: must be a number of seconds, at least 1"
  require_job
  check_class feed "$brokers" "$1"
}

gone() { [ -z "$(pid_of "$1")" ]; }

down() {
  local name pid
  for name in taskmanager1 taskmanager2 jobmanager broker; do
    pid="$(pid_of "$name")"
    if [ -n "$pid" ]; then
      kill "$pid" 2>/dev/null || true
      await 60 "end of $name" gone "$name"
    fi
    rm -f "$work/$name.pid"
  done
  rm -rf "$work/broker" "$work/checkpoints" "$work/upload" "$work/job.id"
}

usage() { sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

command="${1:-help}"
[ $# -eq 0 ] || shift
case "$command" in
  up) up ;;
  submit) submit "$@" ;;
  savepoint) savepoint ;;
  start-from) start_from "$@" ;;
  check) check "${1:-20}" ;;
  kill-test) kill_test ;;
  status) status ;;
  down) down ;;
  help | -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
