{{/* The name before all others: the release's, and the chart's unless the release's holds it. */}}
{{- define "kt.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "kt.gateway" -}}{{ include "kt.fullname" . }}-gateway{{- end -}}
{{- define "kt.host" -}}{{ include "kt.fullname" . }}-host{{- end -}}

{{/* What a selector selects by: never changed, as a workload's selector cannot be. ($, component) */}}
{{- define "kt.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ default $root.Chart.Name $root.Values.nameOverride }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Labels of an object. ($, component) */}}
{{- define "kt.labels" -}}
{{- $root := index . 0 -}}
{{ include "kt.selector" . }}
app.kubernetes.io/part-of: kernel-telemetry
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* An image with tag or digest. ($, image) */}}
{{- define "kt.image" -}}
{{- $image := index . 1 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default (index . 0).Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{- define "kt.gatewayServiceAccount" -}}
{{- if .Values.gateway.serviceAccount.create -}}
{{ default (include "kt.gateway" .) .Values.gateway.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.gateway.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "kt.hostServiceAccount" -}}
{{- if .Values.host.serviceAccount.create -}}
{{ default (include "kt.host" .) .Values.host.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.host.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{/* The gateway's address inside of the cluster. */}}
{{- define "kt.gatewayUrl" -}}
http://{{ include "kt.gateway" . }}.{{ .Release.Namespace }}.svc:{{ .Values.gateway.service.port }}
{{- end -}}

{{/* Whether there is an admin token that the chart knows of, and the Secret that holds it. */}}
{{- define "kt.hasAdminToken" -}}
{{- if or .Values.gateway.adminToken.existingSecret .Values.gateway.adminToken.value -}}true{{- end -}}
{{- end -}}
{{- define "kt.adminSecret" -}}
{{ default (printf "%s-admin" (include "kt.gateway" .)) .Values.gateway.adminToken.existingSecret }}
{{- end -}}
{{- define "kt.adminKey" -}}
{{ ternary .Values.gateway.adminToken.key "token" (ne .Values.gateway.adminToken.existingSecret "") }}
{{- end -}}

{{- define "kt.hasLanternRockToken" -}}
{{- if or .Values.gateway.lanternRock.token.existingSecret .Values.gateway.lanternRock.token.value -}}true{{- end -}}
{{- end -}}
{{- define "kt.lanternRockSecret" -}}
{{ default (printf "%s-lantern-rock" (include "kt.gateway" .)) .Values.gateway.lanternRock.token.existingSecret }}
{{- end -}}
{{- define "kt.lanternRockKey" -}}
{{ ternary .Values.gateway.lanternRock.token.key "token" (ne .Values.gateway.lanternRock.token.existingSecret "") }}
{{- end -}}

{{- define "kt.postgresqlSecret" -}}
{{ default (printf "%s-postgresql" (include "kt.gateway" .)) .Values.gateway.store.postgresql.password.existingSecret }}
{{- end -}}
{{- define "kt.postgresqlKey" -}}
{{- $password := .Values.gateway.store.postgresql.password -}}
{{ ternary $password.key "password" (ne $password.existingSecret "") }}
{{- end -}}

{{/* The secrets of the gateway that the chart holds itself, to tell a change by. */}}
{{- define "kt.gatewaySecrets" -}}
{{ .Values.gateway.adminToken.value }} {{ .Values.gateway.lanternRock.token.value }}
{{- if eq .Values.gateway.store.type "postgresql" }} {{ .Values.gateway.store.postgresql.password.value }}{{ end -}}
{{- end -}}

{{/* The ports in the address of PostgreSQL, which may name several servers; one a line, 5432 for a server without one. */}}
{{- define "kt.postgresqlPorts" -}}
{{- $servers := regexReplaceAll "^jdbc:postgresql://([^/?]*).*$" .Values.gateway.store.postgresql.url "${1}" -}}
{{- $ports := list -}}
{{- range splitList "," $servers -}}
{{- $ports = append $ports (default "5432" (trimPrefix ":" (regexFind ":[0-9]+$" .))) -}}
{{- end -}}
{{- join "\n" (uniq $ports) -}}
{{- end -}}

{{/* Where Kafka's client properties are in the pod; empty if there are none. */}}
{{- define "kt.kafkaProperties" -}}
{{- if and (eq .Values.gateway.spool.type "kafka") .Values.gateway.spool.kafka.properties.existingSecret -}}
/run/secrets/kafka/{{ .Values.gateway.spool.kafka.properties.key }}
{{- end -}}
{{- end -}}

{{/* The ports of the brokers that are named, one a line. */}}
{{- define "kt.kafkaPorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.gateway.spool.kafka.bootstrapServers -}}
{{- $ports = append $ports (regexFind "[0-9]+$" .) -}}
{{- end -}}
{{- join "\n" (uniq $ports) -}}
{{- end -}}

{{- define "kt.hostSecret" -}}
{{ default (printf "%s-token" (include "kt.host" .)) .Values.host.token.existingSecret }}
{{- end -}}
{{- define "kt.hostKey" -}}
{{ ternary .Values.host.token.key "token" (ne .Values.host.token.existingSecret "") }}
{{- end -}}

{{/* The security context of a pod, and of a container, that need nothing of the node. */}}
{{- define "kt.plainPod" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}
{{- define "kt.plainContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Settings that the chart gives a file of its own. */}}
{{- define "kt.gatewaySettings" -}}
{{- $own := dict "telemetry" (dict "data" "/var/lib/telemetry" "store" .Values.gateway.store.type
      "lantern-rock" (dict "url" .Values.gateway.lanternRock.url))
    "server" (dict "port" 8080) "management" (dict "server" (dict "port" 8081)) -}}
{{- if include "kt.hasLanternRockToken" . -}}
{{- $_ := set (index $own "telemetry" "lantern-rock") "token-file" "/run/secrets/lantern-rock/token" -}}
{{- end -}}
{{- if eq .Values.gateway.store.type "postgresql" -}}
{{- $server := .Values.gateway.store.postgresql -}}
{{- $_ := set (index $own "telemetry") "postgresql" (dict "url" $server.url "user" $server.user
      "password-file" "/run/secrets/postgresql/password" "connections" (int $server.connections)) -}}
{{- end -}}
{{- if eq .Values.gateway.spool.type "kafka" -}}
{{- $kafka := .Values.gateway.spool.kafka -}}
{{- $_ := set (index $own "telemetry") "spool" "kafka" -}}
{{- $_ := set (index $own "telemetry") "kafka" (dict "bootstrap-servers" $kafka.bootstrapServers "topic" $kafka.topic
      "partitions" (int $kafka.partitions) "replication" (int $kafka.replication) "group" $kafka.group
      "properties-file" (include "kt.kafkaProperties" .)) -}}
{{- end -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.gateway.settings) $own) -}}
{{- end -}}
{{- define "kt.hostSettings" -}}
{{- $own := dict "gateway" (dict "url" (default (include "kt.gatewayUrl" .) .Values.host.gatewayUrl))
    "token" (dict "file" "/run/secrets/host-token/token") "data" "/var/lib/svos-kernel-telemetry-host"
    "pins" "/sys/fs/bpf/svos-kernel-telemetry-host" "http" (dict "address" "0.0.0.0" "port" (int .Values.host.port)) -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.host.settings) $own) -}}
{{- end -}}
