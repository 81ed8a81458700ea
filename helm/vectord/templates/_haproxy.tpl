{{/* HAProxy before the pools, where haproxy.enabled is set. */}}

{{- define "vectord.proxiedByDefault" -}}
{{- default (keys (fromJson (include "vectord.pools" .)) | sortAlpha | first) .Values.haproxy.defaultPool -}}
{{- end -}}

{{- define "vectord.proxySelector" -}}
{{ include "vectord.selector" . }}
app.kubernetes.io/component: proxy
{{- end -}}

{{/* an error as the server says one: (dict "message" TEXT "type" TEXT "code" TEXT) */}}
{{- define "vectord.error" -}}
{{- $error := dict "message" .message "type" .type "param" nil "code" .code -}}
{{- dict "error" $error "message" .message "detail" .message | toJson -}}
{{- end -}}

{{/* the files that HAProxy reads */}}
{{- define "vectord.proxyFiles" -}}
{{- $pools := fromJson (include "vectord.pools" .) -}}
{{- $served := list -}}
{{- range $name, $pool := $pools -}}{{- $served = concat $served (fromJsonArray (include "vectord.served" $pool)) -}}{{- end -}}
{{- $ours := "server_error" -}}
{{- $theirs := "invalid_request_error" -}}
haproxy.cfg: |
  {{- tpl (.Files.Get "haproxy/haproxy.cfg") . | nindent 2 }}
pools.map: |
  {{- range $name, $pool := $pools }}
  {{ $name }} {{ $name }}
  {{- end }}
models.map: |
  {{- range $name, $pool := $pools }}
  {{- range fromJsonArray (include "vectord.served" $pool) }}
  {{ . }} {{ $name }}
  {{- end }}
  {{- end }}
no-pool.json: {{ include "vectord.error" (dict "type" $theirs "code" "unknown_url" "message" (printf "No such pool; there are: %s." (keys $pools | sortAlpha | join ", "))) | quote }}
no-model.json: {{ include "vectord.error" (dict "type" $theirs "code" "model_not_found" "message" (printf "No pool serves the model that x-vectord-model names; there are: %s." (sortAlpha $served | uniq | join ", "))) | quote }}
408.json: {{ include "vectord.error" (dict "type" $theirs "code" "request_timeout" "message" "The request did not arrive in time.") | quote }}
502.json: {{ include "vectord.error" (dict "type" $ours "code" "unavailable" "message" "The replica went away before it had answered.") | quote }}
503.json: {{ include "vectord.error" (dict "type" $ours "code" "unavailable" "message" "No replica of the pool can be reached now.") | quote }}
504.json: {{ include "vectord.error" (dict "type" $ours "code" "deadline_exceeded" "message" "The replica did not answer in time.") | quote }}
{{- end -}}

{{- define "vectord.proxyContainer" -}}
{{- $haproxy := .Values.haproxy -}}
name: haproxy
image: {{ $haproxy.image | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [haproxy, -db, -f, /etc/haproxy/haproxy.cfg]
env:
  - {name: ADDRESS, value: 0.0.0.0}
ports:
  - {name: http, containerPort: {{ int $haproxy.port }}}
  - {name: metrics, containerPort: {{ int $haproxy.metricsPort }}}
startupProbe:
  httpGet: {path: /readyz, port: metrics}
  periodSeconds: 1
  failureThreshold: {{ int .Values.probes.startup.seconds }}
readinessProbe:
  httpGet: {path: /livez, port: metrics}
  periodSeconds: 2
livenessProbe:
  httpGet: {path: /livez, port: metrics}
  failureThreshold: 6
lifecycle:
  preStop:
    sleep: {seconds: {{ int .Values.shutdown.preStopSeconds }}}
resources:
  {{- toYaml $haproxy.resources | nindent 2 }}
securityContext:
  {{- toYaml .Values.containerSecurityContext | nindent 2 }}
volumeMounts:
  - {name: config, mountPath: /etc/haproxy, readOnly: true}
{{- end -}}
