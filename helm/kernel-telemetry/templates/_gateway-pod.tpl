{{/* The gateway's pod, be it of the StatefulSet or of the Deployment. */}}
{{- define "kt.gatewayPod" -}}
{{- $gateway := .Values.gateway -}}
{{- $shared := eq $gateway.store.type "postgresql" -}}
metadata:
  labels:
    {{- include "kt.labels" (list . "gateway") | nindent 4 }}
    {{- with $gateway.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A change of settings or of a secret that the chart holds replaces the pod.
    checksum/config: {{ include "kt.gatewaySettings" . | sha256sum }}
    checksum/secret: {{ include "kt.gatewaySecrets" . | sha256sum }}
    {{- with $gateway.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "kt.gatewayServiceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $gateway.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $gateway.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- include "kt.plainPod" . | nindent 4 }}
  containers:
    - name: gateway
      image: {{ include "kt.image" (list . $gateway.image) }}
      imagePullPolicy: {{ $gateway.image.pullPolicy }}
      args:
        - --spring.config.additional-location=file:/etc/telemetry/gateway.yaml
      {{- if or (include "kt.hasAdminToken" .) $gateway.javaOptions $gateway.extraEnv }}
      env:
        {{- if include "kt.hasAdminToken" . }}
        - name: TELEMETRY_ADMIN_TOKEN
          valueFrom:
            secretKeyRef:
              name: {{ include "kt.adminSecret" . }}
              key: {{ include "kt.adminKey" . }}
        {{- end }}
        {{- with $gateway.javaOptions }}
        - name: JAVA_TOOL_OPTIONS
          value: {{ . | quote }}
        {{- end }}
        {{- with $gateway.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      ports:
        - name: api
          containerPort: 8080
        - name: management
          containerPort: 8081
      {{- if $shared }}
      lifecycle:
        # For as long as balancers may still send to it: the other replicas answer then.
        preStop:
          sleep:
            seconds: 5
      {{- end }}
      # On the API's port: what answers there is what hosts post to.
      startupProbe:
        httpGet:
          path: /livez
          port: api
        periodSeconds: 2
        # A start after a crash first reads what the journal holds, one after an upgrade brings the schema up to date.
        failureThreshold: 150
      livenessProbe:
        httpGet:
          path: /livez
          port: api
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /readyz
          port: api
        periodSeconds: 5
        timeoutSeconds: 3
      resources:
        {{- toYaml $gateway.resources | nindent 8 }}
      securityContext:
        {{- include "kt.plainContainer" . | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /var/lib/telemetry
        - name: settings
          mountPath: /etc/telemetry
          readOnly: true
        {{- if include "kt.hasLanternRockToken" . }}
        - name: lantern-rock
          mountPath: /run/secrets/lantern-rock
          readOnly: true
        {{- end }}
        {{- if $shared }}
        - name: postgresql
          mountPath: /run/secrets/postgresql
          readOnly: true
        {{- if $gateway.store.postgresql.ca.existingSecret }}
        - name: postgresql-ca
          mountPath: /run/secrets/postgresql-ca
          readOnly: true
        {{- end }}
        {{- end }}
        {{- if include "kt.kafkaProperties" . }}
        - name: kafka
          mountPath: /run/secrets/kafka
          readOnly: true
        {{- end }}
        # Tomcat's folder, and the native parts of SQLite and zstd.
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: settings
      configMap:
        name: {{ include "kt.gateway" . }}
    {{- if include "kt.hasLanternRockToken" . }}
    - name: lantern-rock
      secret:
        secretName: {{ include "kt.lanternRockSecret" . }}
        defaultMode: 0440
        items:
          - key: {{ include "kt.lanternRockKey" . }}
            path: token
    {{- end }}
    {{- if $shared }}
    - name: postgresql
      secret:
        secretName: {{ include "kt.postgresqlSecret" . }}
        defaultMode: 0440
        items:
          - key: {{ include "kt.postgresqlKey" . }}
            path: password
    {{- with $gateway.store.postgresql.ca.existingSecret }}
    - name: postgresql-ca
      secret:
        secretName: {{ . }}
        defaultMode: 0440
        items:
          - key: {{ $gateway.store.postgresql.ca.key }}
            path: ca.crt
    {{- end }}
    {{- if include "kt.kafkaProperties" . }}
    - name: kafka
      secret:
        secretName: {{ $gateway.spool.kafka.properties.existingSecret }}
        defaultMode: 0440
    {{- end }}
    # It has to be there and stays empty: what must not be forgotten is in PostgreSQL.
    - name: data
      emptyDir:
        sizeLimit: 16Mi
    {{- end }}
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- if and (not $shared) $gateway.persistence.existingClaim }}
    - name: data
      persistentVolumeClaim:
        claimName: {{ $gateway.persistence.existingClaim }}
    {{- end }}
  {{- with $gateway.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    -
      {{- toYaml . | nindent 6 }}
      {{- if not .labelSelector }}
      labelSelector:
        matchLabels:
          {{- include "kt.selector" (list $ "gateway") | nindent 10 }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- with $gateway.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $gateway.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $gateway.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
