{{/* The pod of a pool: (dict "root" $ "name" NAME "pool" POOL). */}}

{{- define "vectord.env" -}}
{{- $values := .root.Values -}}
- {name: HOME, value: /tmp}
{{- if ne $values.modelCache.type "baked" }}
- {name: HF_HOME, value: {{ $values.modelCache.mountPath | quote }}}
{{- end }}
{{- with $values.huggingface.endpoint }}
- {name: HF_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- end -}}

{{- define "vectord.token" -}}
{{- with .root.Values.huggingface -}}
{{- if .existingSecret }}
- name: HF_TOKEN
  valueFrom:
    secretKeyRef: {name: {{ .existingSecret }}, key: {{ .key }}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "vectord.serverEnv" -}}
{{- $values := .root.Values -}}
{{- $cache := $values.modelCache -}}
{{- $writable := and (ne $cache.type "baked") (not $cache.readOnly) -}}
{{ include "vectord.env" . }}
- {name: VECTORD_MODELS, value: {{ include "vectord.models" .pool | quote }}}
- {name: VECTORD_DTYPE, value: {{ .pool.dtype }}}
- {name: VECTORD_HOST, value: 0.0.0.0}
- {name: VECTORD_PORT, value: {{ include "vectord.plain" $values.server.port | quote }}}
- {name: VECTORD_CACHE_DIR, value: {{ ternary (printf "%s/vectord" $cache.mountPath) "/tmp/vectord" $writable | quote }}}
- {name: VECTORD_DRAIN_SECONDS, value: {{ include "vectord.plain" $values.shutdown.drainSeconds | quote }}}
- {name: VECTORD_LOG_FORMAT, value: {{ $values.server.logFormat }}}
- {name: VECTORD_LOG_LEVEL, value: {{ $values.server.logLevel }}}
{{- if $values.metrics.port }}
- {name: VECTORD_METRICS_PORT, value: {{ include "vectord.plain" $values.metrics.port | quote }}}
{{- end }}
{{- with $values.server.otlpEndpoint }}
- {name: VECTORD_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- if or (include "vectord.prefetch" .root) $cache.offline (eq $cache.type "baked") }}
- {name: HF_HUB_OFFLINE, value: "1"}
{{- else }}
{{- include "vectord.token" . }}
{{- end }}
{{- if $values.auth.enabled }}
- {name: VECTORD_API_KEY_FILE, value: /etc/vectord/{{ $values.auth.key }}}
{{- end }}
- name: VECTORD_THREADS
  valueFrom:
    resourceFieldRef: {containerName: vectord, resource: requests.cpu, divisor: "1"}
{{- range $key, $value := .pool.settings }}
- {name: VECTORD_{{ upper $key }}, value: {{ include "vectord.plain" $value | quote }}}
{{- end }}
{{- with .pool.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vectord.mounts" -}}
{{- $cache := .root.Values.modelCache -}}
- {name: tmp, mountPath: /tmp}
{{- if ne $cache.type "baked" }}
- {name: models, mountPath: {{ $cache.mountPath }}, readOnly: {{ $cache.readOnly }}}
{{- end }}
{{- end -}}

{{- define "vectord.volumes" -}}
{{- $cache := .root.Values.modelCache -}}
- name: tmp
  emptyDir: {sizeLimit: {{ $cache.tmpSizeLimit }}}
{{- if eq $cache.type "emptyDir" }}
- name: models
  emptyDir: {sizeLimit: {{ $cache.sizeLimit }}}
{{- else if ne $cache.type "baked" }}
- name: models
  persistentVolumeClaim:
    claimName: {{ eq $cache.type "pvc" | ternary (printf "%s-models" (include "vectord.fullname" .root)) $cache.existingClaim }}
    readOnly: {{ $cache.readOnly }}
{{- end }}
{{- if .root.Values.auth.enabled }}
- name: keys
  secret: {secretName: {{ include "vectord.secret" .root }}, defaultMode: 0440}
{{- end }}
{{- with .pool.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vectord.resources" -}}
{{- $resources := deepCopy .pool.resources -}}
{{- if eq .pool.device "cuda" -}}
{{- $_ := set $resources "limits" (merge (dict .pool.gpuResource (int .pool.gpus)) (default dict $resources.limits)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{- define "vectord.probes" -}}
{{- $probes := .root.Values.probes -}}
{{- $period := int $probes.startup.periodSeconds -}}
startupProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: {{ $period }}
  failureThreshold: {{ divf $probes.startup.seconds $period | ceil | int }}
readinessProbe:
  httpGet: {path: /readyz, port: http}
  {{- range $key, $value := $probes.readiness }}
  {{ $key }}: {{ int $value }}
  {{- end }}
livenessProbe:
  httpGet: {path: /livez, port: http}
  {{- range $key, $value := $probes.liveness }}
  {{ $key }}: {{ int $value }}
  {{- end }}
{{- end -}}

{{- define "vectord.container" -}}
{{- $values := .root.Values -}}
name: vectord
image: {{ include "vectord.image" . | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
command: [vectord, serve]
env:
  {{- include "vectord.serverEnv" . | nindent 2 }}
{{- with .pool.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - {name: http, containerPort: {{ int $values.server.port }}}
  {{- if $values.metrics.port }}
  - {name: metrics, containerPort: {{ int $values.metrics.port }}}
  {{- end }}
{{ include "vectord.probes" . }}
lifecycle:
  preStop:
    sleep: {seconds: {{ int $values.shutdown.preStopSeconds }}}
resources:
  {{- include "vectord.resources" . | nindent 2 }}
securityContext:
  {{- toYaml $values.containerSecurityContext | nindent 2 }}
volumeMounts:
  {{- include "vectord.mounts" . | nindent 2 }}
  {{- if $values.auth.enabled }}
  - {name: keys, mountPath: /etc/vectord, readOnly: true}
  {{- end }}
  {{- with .pool.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* same image, as the same user, with what the server itself is granted but a device */}}
{{- define "vectord.puller" -}}
name: pull
image: {{ include "vectord.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [vectord, pull]
args: {{ include "vectord.pulled" .pool }}
env:
  {{- include "vectord.env" . | nindent 2 }}
  {{- with include "vectord.token" . }}
  {{- . | indent 2 }}
  {{- end }}
resources:
  {{- toYaml .pool.resources | nindent 2 }}
securityContext:
  {{- toYaml .root.Values.containerSecurityContext | nindent 2 }}
volumeMounts:
  {{- include "vectord.mounts" . | nindent 2 }}
{{- end -}}

{{- define "vectord.placement" -}}
{{- $selector := include "vectord.poolSelector" . -}}
{{- if kindIs "string" .pool.topologySpreadConstraints }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
{{- else if .pool.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .pool.topologySpreadConstraints | nindent 2 }}
{{- end }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" "runtimeClassName" }}
{{- with index $.pool $key }}
{{ toYaml (dict $key .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "vectord.grace" -}}
{{- $shutdown := .Values.shutdown -}}
{{- default (add $shutdown.preStopSeconds (ceil $shutdown.drainSeconds) 5) $shutdown.terminationGracePeriodSeconds | int -}}
{{- end -}}

{{- define "vectord.pod" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "vectord.serviceAccount" .root }}
automountServiceAccountToken: false
# a Service named vectord would set VECTORD_PORT to an address
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "vectord.grace" .root }}
{{- with $values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml $values.podSecurityContext | nindent 2 }}
{{- if and (include "vectord.prefetch" .root) (fromJsonArray (include "vectord.pulled" .pool)) }}
initContainers:
  - {{- include "vectord.puller" . | nindent 4 }}
{{- end }}
containers:
  - {{- include "vectord.container" . | nindent 4 }}
volumes:
  {{- include "vectord.volumes" . | nindent 2 }}
{{- include "vectord.placement" . }}
{{- end -}}
