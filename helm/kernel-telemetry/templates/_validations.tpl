{{/*
What the schema cannot say: values that contradict each other. Each failure names the value and what to set.
One template a subject; a list of texts, one a line, empty if all is well.
*/}}
{{- define "kt.validate" -}}
{{- $faults := list -}}
{{- range $check := list "kt.validate.parts" "kt.validate.store" "kt.validate.spool" "kt.validate.ways" "kt.validate.bootstrap" "kt.validate.settings" "kt.validate.monitoring" -}}
{{- range $line := splitList "\n" (include $check $) -}}
{{- if trim $line -}}{{- $faults = append $faults (printf "  - %s" (trim $line)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $faults -}}
{{- fail (printf "\n\nThese values cannot be installed:\n%s\n" (join "\n" $faults)) -}}
{{- end -}}
{{- end -}}

{{- define "kt.validate.parts" -}}
{{- if not (or .Values.gateway.enabled .Values.host.enabled) }}
gateway.enabled and host.enabled are both false, so that nothing would be installed: set one of them to true
{{- end }}
{{- if and .Values.gateway.enabled (not .Values.gateway.lanternRock.url) }}
gateway.lanternRock.url is empty: set it to the base address of Lantern Rock, such as https://lantern-rock.example.org
{{- end }}
{{- if and .Values.host.enabled (not .Values.gateway.enabled) (not .Values.host.gatewayUrl) }}
host.gatewayUrl is empty, and gateway.enabled is false: set host.gatewayUrl to the address of the gateway that hosts post to
{{- end }}
{{- range $path, $token := dict "gateway.adminToken" .Values.gateway.adminToken "gateway.lanternRock.token" .Values.gateway.lanternRock.token "gateway.store.postgresql.password" .Values.gateway.store.postgresql.password "host.token" .Values.host.token }}
{{- if and $token.existingSecret $token.value }}
{{ $path }}.existingSecret and {{ $path }}.value are both set: keep the Secret, and empty the value
{{- end }}
{{- end }}
{{- end -}}

{{- define "kt.validate.store" -}}
{{- $type := .Values.gateway.store.type -}}
{{- if eq $type "sqlite" }}
{{- include "kt.validate.sqlite" . }}
{{- else if eq $type "postgresql" }}
{{- if .Values.gateway.enabled }}
{{- include "kt.validate.postgresql" . }}
{{- end }}
{{- else }}
gateway.store.type is {{ $type | quote }}, which the gateway does not have: set it to sqlite, or to postgresql
{{- end }}
{{- end -}}

{{- define "kt.validate.spool" -}}
{{- $spool := .Values.gateway.spool -}}
{{- if eq $spool.type "kafka" }}
{{- if ne .Values.gateway.store.type "postgresql" }}
gateway.spool.type is kafka, and gateway.store.type is {{ .Values.gateway.store.type }}: what is where has to be in a store that gateways share, set gateway.store.type to postgresql
{{- end }}
{{- if and .Values.gateway.enabled (not $spool.kafka.bootstrapServers) }}
gateway.spool.kafka.bootstrapServers is empty: set it to some of the brokers, such as kafka-1:9092,kafka-2:9092
{{- end }}
{{- else if eq $spool.type "store" }}
{{- if $spool.kafka.bootstrapServers }}
gateway.spool.kafka.bootstrapServers is set, and gateway.spool.type is store, which does not use it: set gateway.spool.type to kafka, or empty it
{{- end }}
{{- else }}
gateway.spool.type is {{ $spool.type | quote }}, which the gateway does not have: set it to store, or to kafka
{{- end }}
{{- end -}}

{{- define "kt.validate.sqlite" -}}
{{- if gt (int .Values.gateway.replicas) 1 }}
gateway.replicas is {{ .Values.gateway.replicas }}, and the embedded store is one process on one file: set it to 1 (or to 0 for a while, to stop it), or set gateway.store.type to postgresql
{{- end }}
{{- if .Values.gateway.autoscaling.enabled }}
gateway.autoscaling.enabled is true, and the embedded store cannot be scaled: set it to false, or set gateway.store.type to postgresql
{{- end }}
{{- if .Values.gateway.store.postgresql.url }}
gateway.store.postgresql.url is set, and gateway.store.type is sqlite, which does not use it: set gateway.store.type to postgresql, or empty the URL
{{- end }}
{{- end -}}

{{- define "kt.validate.postgresql" -}}
{{- $server := .Values.gateway.store.postgresql -}}
{{- if not $server.url }}
gateway.store.postgresql.url is empty: set it to where the database is, such as jdbc:postgresql://postgresql:5432/telemetry
{{- end }}
{{- if regexMatch "[?&](user|password|sslpassword)=" $server.url }}
gateway.store.postgresql.url has a user or a password in it, which everybody could read: remove it, and use gateway.store.postgresql.user and .password
{{- end }}
{{- if not (or $server.password.existingSecret $server.password.value) }}
gateway.store.postgresql.password is not set: set gateway.store.postgresql.password.existingSecret to a Secret with it
{{- end }}
{{- if not (include "kt.hasAdminToken" .) }}
gateway.store.type is postgresql, whose replicas must all have the same admin token: set gateway.adminToken.existingSecret
{{- end }}
{{- if .Values.gateway.persistence.existingClaim }}
gateway.persistence.existingClaim is set, and with gateway.store.type postgresql there is no volume: empty it once nothing waits on that volume any more
{{- end }}
{{- include "kt.validate.autoscaling" . }}
{{- end -}}

{{- define "kt.validate.autoscaling" -}}
{{- $scaling := .Values.gateway.autoscaling -}}
{{- if $scaling.enabled }}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) }}
gateway.autoscaling.minReplicas is {{ $scaling.minReplicas }}, and maxReplicas is {{ $scaling.maxReplicas }}: set maxReplicas to at least as many
{{- end }}
{{- if not (dig "requests" "cpu" "" .Values.gateway.resources) }}
gateway.autoscaling.enabled is true, and gateway.resources.requests.cpu, which the utilization is a part of, is not set: set it
{{- end }}
{{- end }}
{{- end -}}

{{- define "kt.validate.ways" -}}
{{- if and .Values.gateway.ingress.enabled .Values.gateway.httpRoute.enabled }}
gateway.ingress.enabled and gateway.httpRoute.enabled are both true: keep the one that the cluster has a controller for
{{- end }}
{{- if and .Values.gateway.ingress.enabled (not .Values.gateway.ingress.host) }}
gateway.ingress.host is empty: set it to the name under which the gateway is reached
{{- end }}
{{- if and .Values.gateway.httpRoute.enabled (not .Values.gateway.httpRoute.parentRefs) }}
gateway.httpRoute.parentRefs is empty: name the Gateway that the route hangs on, such as [{name: public}]
{{- end }}
{{- if eq (int .Values.gateway.service.port) (int .Values.gateway.service.managementPort) }}
gateway.service.port and gateway.service.managementPort are both {{ .Values.gateway.service.port }}: give the management another port
{{- end }}
{{- end -}}

{{- define "kt.validate.bootstrap" -}}
{{- if .Values.bootstrap.databases }}
{{- if not .Values.gateway.enabled }}
bootstrap.databases is set, and gateway.enabled is false: register them where the gateway is installed
{{- else if not (include "kt.hasAdminToken" .) }}
bootstrap.databases is set, and the Job that registers them needs the admin token: set gateway.adminToken.existingSecret
{{- end }}
{{- end }}
{{- range $i, $database := .Values.bootstrap.databases }}
{{- if and $database.size $database.quota }}
bootstrap.databases[{{ $i }}] has size and quota: keep one of them
{{- end }}
{{- end }}
{{- end -}}

{{- define "kt.validate.settings" -}}
{{- $telemetry := default dict .Values.gateway.settings.telemetry -}}
{{- range $key, $instead := dict "data" "nothing: the volume is mounted there" "store" "gateway.store.type" "spool" "gateway.spool.type" "admin-token" "gateway.adminToken" }}
{{- if hasKey $telemetry $key }}
gateway.settings.telemetry.{{ $key }} is the chart's own: remove it, and use {{ $instead }}
{{- end }}
{{- end }}
{{- range $key, $instead := dict "url" "gateway.lanternRock.url" "token-file" "gateway.lanternRock.token" }}
{{- if hasKey (default dict (index $telemetry "lantern-rock")) $key }}
gateway.settings.telemetry.lantern-rock.{{ $key }} is the chart's own: remove it, and use {{ $instead }}
{{- end }}
{{- end }}
{{- range $key, $instead := dict "url" "url" "user" "user" "password" "password" "password-file" "password" "connections" "connections" }}
{{- if hasKey (default dict $telemetry.postgresql) $key }}
gateway.settings.telemetry.postgresql.{{ $key }} is the chart's own: remove it, and use gateway.store.postgresql.{{ $instead }}
{{- end }}
{{- end }}
{{- range $key, $instead := dict "bootstrap-servers" "bootstrapServers" "topic" "topic" "partitions" "partitions" "replication" "replication" "group" "group" "properties-file" "properties" }}
{{- if hasKey (default dict $telemetry.kafka) $key }}
gateway.settings.telemetry.kafka.{{ $key }} is the chart's own: remove it, and use gateway.spool.kafka.{{ $instead }}
{{- end }}
{{- end }}
{{- if hasKey (default dict .Values.gateway.settings.server) "port" }}
gateway.settings.server.port is the chart's own: remove it, and use gateway.service.port
{{- end }}
{{- range $key, $instead := dict "token" "host.token" "data" "host.spoolPath" "pins" "nothing: the node's BPF file system is mounted there" "http" "host.port" }}
{{- if hasKey $.Values.host.settings $key }}
host.settings.{{ $key }} is the chart's own: remove it, and use {{ $instead }}
{{- end }}
{{- end }}
{{- if hasKey (default dict .Values.host.settings.gateway) "url" }}
host.settings.gateway.url is the chart's own: remove it, and use host.gatewayUrl
{{- end }}
{{- end -}}

{{- define "kt.validate.monitoring" -}}
{{- if and .Values.monitoring.serviceMonitor.enabled (not .Values.gateway.enabled) }}
monitoring.serviceMonitor.enabled is true, and gateway.enabled is false: there is nothing to scrape, set it to false
{{- end }}
{{- if and .Values.monitoring.podMonitor.enabled (not .Values.host.enabled) }}
monitoring.podMonitor.enabled is true, and host.enabled is false: there is nothing to scrape, set it to false
{{- end }}
{{- end -}}
