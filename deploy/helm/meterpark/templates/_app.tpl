{{- /*
The skeleton of every app: service account, deployment, disruption budget and, for HTTP, a service.

Takes a dictionary:
  root       the chart's scope
  id         app id for Dapr, and name of all that belongs to the app
  part       the app's part of the values
  args       the container's arguments
  serves     "grpc": on 127.0.0.1, for the own sidecar alone; "http": on every address; "nothing"
  image      "services" or "web"
  sidecar    whether there is one; actors: whether it may know placement and scheduler
  grace      seconds for a stop
The app's file defines "ID.env", a map of variables, and may define what "extras" names: "ID.volumes", "ID.mounts",
"ID.init" and "ID.checksum".
*/ -}}
{{- define "meterpark.app" -}}
{{- $root := .root -}}
{{- $extras := .extras | default list -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "meterpark.metadata" . | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "meterpark.metadata" . | nindent 2 }}
spec:
  replicas: {{ .part.replicas | default 1 }}
  revisionHistoryLimit: 3
  # A new pod is ready before an old one goes.
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels:
      {{- include "meterpark.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "meterpark.selector" . | nindent 8 }}
        app.kubernetes.io/part-of: meterpark
      annotations:
        {{- if .sidecar }}
        {{- include "meterpark.dapr" . | nindent 8 }}
        {{- end }}
        {{- if include "meterpark.measured" . }}
        prometheus.io/scrape: "true"
        prometheus.io/port: "9464"
        prometheus.io/path: /metrics
        {{- end }}
        {{- if has "checksum" $extras }}
        checksum/configuration: {{ include (printf "%s.checksum" .id) $root | sha256sum }}
        {{- end }}
        kubectl.kubernetes.io/default-container: {{ .id }}
    spec:
      serviceAccountName: {{ .id }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .grace | default 45 }}
      securityContext:
        {{- include "meterpark.podSecurity" $root | nindent 8 }}
      {{- with $root.Values.images.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with $root.Values.pods.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $root.Values.pods.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $root.Values.pods.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: {{ ternary $root.Values.pods.spread "ScheduleAnyway" (eq . "topology.kubernetes.io/zone") }}
          labelSelector:
            matchLabels:
              {{- include "meterpark.selector" $ | nindent 14 }}
        {{- end }}
      {{- if has "init" $extras }}
      initContainers:
        {{- include (printf "%s.init" .id) $root | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .id }}
          image: {{ include "meterpark.image" . | quote }}
          imagePullPolicy: {{ $root.Values.images.pullPolicy }}
          {{- with .command }}
          command: {{ toJson . }}
          {{- end }}
          args: {{ toJson .args }}
          env:
            {{- include "meterpark.env" . | trim | nindent 12 }}
          {{- include "meterpark.ports" . | nindent 10 }}
          {{- include "meterpark.probes" . | nindent 10 }}
          resources:
            {{- toYaml .part.resources | nindent 12 }}
          securityContext:
            {{- include "meterpark.containerSecurity" $root | nindent 12 }}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
            {{- if has "mounts" $extras }}
            {{- include (printf "%s.mounts" .id) $root | nindent 12 }}
            {{- end }}
      volumes:
        - {name: tmp, emptyDir: {sizeLimit: 256Mi}}
        {{- if has "volumes" $extras }}
        {{- include (printf "%s.volumes" .id) $root | nindent 8 }}
        {{- end }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "meterpark.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  # A pod that is not ready must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "meterpark.selector" . | nindent 6 }}
{{- if eq .serves "http" }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "meterpark.metadata" . | nindent 2 }}
spec:
  selector:
    {{- include "meterpark.selector" . | nindent 4 }}
  ports:
    - {name: http, port: 80, targetPort: http, appProtocol: http}
{{- end }}
{{- end }}

{{- /* Variables that the chart sets, secrets by reference, and those of the user's `settings`. */ -}}
{{- define "meterpark.env" -}}
{{- $ours := include (printf "%s.env" .id) .root | fromYaml -}}
{{- if include "meterpark.measured" . }}
{{- $prefix := .id | replace "-" "_" | upper }}
{{- $_ := set $ours (printf "%s_METRICS_PORT" $prefix) "9464" }}
{{- $_ = set $ours (printf "%s_METRICS_HOST" $prefix) "0.0.0.0" }}
{{- end }}
{{- range $name, $value := .part.settings | default dict }}
{{- if hasKey $ours $name }}
{{- fail (printf "%s is set by the chart itself: take it out of the settings of %s" $name $.id) }}
{{- end }}
{{- $_ := set $ours $name $value }}
{{- end }}
{{- range $name, $value := $ours }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- if .sidecar }}
{{- if eq .serves "grpc" }}
# By the first an app knows its own sidecar, by the second the sidecar its own app.
- {name: APP_API_TOKEN, valueFrom: {secretKeyRef: {name: {{ .id }}-app-token, key: token}}}
{{- end }}
- {name: DAPR_API_TOKEN, valueFrom: {secretKeyRef: {name: {{ .id }}-sidecar-token, key: token}}}
{{- end }}
{{- end }}

{{- /* What the sidecar injector reads. */ -}}
{{- define "meterpark.dapr" -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .id }}
dapr.io/config: {{ .id }}
{{- if eq .serves "grpc" }}
dapr.io/app-port: {{ include "meterpark.port" . | quote }}
dapr.io/app-protocol: grpc
dapr.io/app-token-secret: {{ .id }}-app-token
{{- end }}
dapr.io/api-token-secret: {{ .id }}-sidecar-token
dapr.io/max-body-size: 16Mi
dapr.io/graceful-shutdown-seconds: "5"
# It starts before its app and ends after it: what the app still has to settle finds its sidecar.
dapr.io/enable-native-sidecar: "true"
dapr.io/enable-metrics: "false"
dapr.io/log-as-json: "true"
dapr.io/disable-builtin-k8s-secret-store: "true"
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
{{- with .root.Values.sidecars.resources }}
dapr.io/sidecar-cpu-request: {{ .requests.cpu | quote }}
dapr.io/sidecar-cpu-limit: {{ .limits.cpu | quote }}
dapr.io/sidecar-memory-request: {{ .requests.memory | quote }}
dapr.io/sidecar-memory-limit: {{ .limits.memory | quote }}
{{- end }}
{{- if not .actors }}
# Access policies do not guard actors: who does not host them must not know where they are.
dapr.io/placement-host-address: ""
dapr.io/scheduler-host-address: ""
{{- end }}
{{- end }}

{{- /* Whether the app tells its metrics: the Python services do, if it is switched on. Takes {root, id}. */ -}}
{{- define "meterpark.measured" -}}
{{- if and .root.Values.metrics.enabled (has .id (list "device-hub" "smoc-service" "iec-connector" "bff")) }}yes{{ end }}
{{- end }}

{{- define "meterpark.ports" -}}
{{- if or (eq .serves "http") (include "meterpark.measured" .) -}}
ports:
  {{- if eq .serves "http" }}
  - {name: http, containerPort: {{ include "meterpark.port" . }}}
  {{- end }}
  {{- if include "meterpark.measured" . }}
  - {name: metrics, containerPort: 9464}
  {{- end }}
{{- end }}
{{- end }}

{{- define "meterpark.port" -}}
{{ eq .serves "grpc" | ternary 6000 8080 }}
{{- end }}

{{- /*
Liveness asks what a restart can cure, never for progress (docs/operations.md, "Probes and alerts"). A hub's first start
after an upgrade may take ten minutes.
*/ -}}
{{- define "meterpark.probes" -}}
{{- if eq .serves "grpc" -}}
{{- $ask := printf "exec: {command: [grpc-health-probe, \"-addr=127.0.0.1:%s\", -connect-timeout=3s, -rpc-timeout=3s]}" (include "meterpark.port" .) -}}
startupProbe:
  {{ $ask }}
  periodSeconds: 3
  timeoutSeconds: 8
  failureThreshold: 200
livenessProbe:
  {{ $ask }}
  periodSeconds: 10
  timeoutSeconds: 8
  failureThreshold: 12
readinessProbe:
  {{ $ask }}
  periodSeconds: 5
  timeoutSeconds: 8
  failureThreshold: 3
{{- else if eq .serves "http" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 12
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
# Requests arrive until every balancer knows that this pod ends.
lifecycle: {preStop: {sleep: {seconds: 5}}}
{{- end }}
{{- end }}

{{- /* The app's own Secret, as files below /secrets. */ -}}
{{- define "meterpark.secretVolume" -}}
- {name: secrets, secret: {secretName: {{ . }}, defaultMode: 0440}}
{{- end }}

{{- define "meterpark.secretMount" -}}
- {name: secrets, mountPath: /secrets, readOnly: true}
{{- end }}
