{{- /* Labels by which an app's pods are found. Takes {root, id}. */ -}}
{{- define "meterpark.selector" -}}
app.kubernetes.io/name: {{ .id }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "meterpark.labels" -}}
{{ include "meterpark.selector" . }}
app.kubernetes.io/part-of: meterpark
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- /* Name and labels of a resource that belongs to an app. */ -}}
{{- define "meterpark.metadata" -}}
name: {{ .name | default .id }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "meterpark.labels" . | nindent 2 }}
{{- end }}

{{- /* An image by digest, else by tag, else by the chart's own version. Takes {root, image}. */ -}}
{{- define "meterpark.image" -}}
{{- $image := index .root.Values.images .image -}}
{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* What no container of the chart may do. */ -}}
{{- define "meterpark.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "meterpark.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* Where Keycloak is reached from the cluster; the issuer stays what people see. */ -}}
{{- define "meterpark.login" -}}
{{ .Values.login.internalUrl | default .Values.login.issuer }}
{{- end }}

{{- define "meterpark.publicUrl" -}}
{{ .Values.public.url | default (printf "https://%s" .Values.public.host) }}
{{- end }}
