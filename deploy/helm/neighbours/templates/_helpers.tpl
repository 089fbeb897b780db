{{- define "neighbours.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  app: {{ .name }}
  app.kubernetes.io/part-of: meterpark-neighbours
{{- end }}

{{- define "neighbours.image" -}}
{{- $image := index .root.Values.images .image -}}
image: {{ printf "%s:%s" $image.repository ($image.tag | default .root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
{{- end }}

{{- define "neighbours.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "neighbours.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "neighbours.storage" -}}
volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 8Gi}}
{{- end }}

{{- /* Its Secret, as files: all of them, or that one alone. Takes {name, file}. */ -}}
{{- define "neighbours.secret" -}}
secret:
  secretName: {{ .name }}
  defaultMode: 0440
  {{- with .file }}
  items: [{key: {{ . }}, path: {{ . }}}]
  {{- end }}
{{- end }}
