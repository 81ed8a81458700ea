{{/* Names, labels, and pools with what they leave out. */}}

{{- define "vectord.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 38 | trimSuffix "-" -}}
{{- end -}}

{{/* at most 38 characters: a pool's name (20) and -headless follow, and 63 may not be exceeded */}}
{{- define "vectord.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 33 | trimSuffix "-" -}}
{{- end -}}

{{- define "vectord.selector" -}}
app.kubernetes.io/name: {{ include "vectord.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* the server pods of all pools; the test pod is none */}}
{{- define "vectord.servers" -}}
{{ include "vectord.selector" . }}
app.kubernetes.io/component: server
{{- end -}}

{{/* the pods of one pool: (dict "root" $ "name" NAME) */}}
{{- define "vectord.poolSelector" -}}
{{ include "vectord.servers" .root }}
vectord-pool: {{ .name }}
{{- end -}}

{{- define "vectord.labels" -}}
{{ include "vectord.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: (dict "root" $ "name" NAME "labels" DICT "annotations" DICT) */}}
{{- define "vectord.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "vectord.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* JSON of the enabled pools by name, each whole */}}
{{- define "vectord.pools" -}}
{{- $pools := dict -}}
{{- range $name, $pool := .Values.pools -}}
{{- $whole := mergeOverwrite (deepCopy $.Values.poolDefaults) (deepCopy (default dict $pool)) -}}
{{- $_ := set $whole "settings" (mergeOverwrite (deepCopy $.Values.settings) $whole.settings) -}}
{{- if $whole.enabled -}}{{- $_ := set $pools $name $whole -}}{{- end -}}
{{- end -}}
{{- toJson $pools -}}
{{- end -}}

{{- define "vectord.least" -}}
{{- eq .autoscaling.type "none" | ternary .replicas .autoscaling.minReplicas | int -}}
{{- end -}}

{{- define "vectord.most" -}}
{{- eq .autoscaling.type "none" | ternary .replicas .autoscaling.maxReplicas | int -}}
{{- end -}}

{{/* whether a pool gets a PodDisruptionBudget: "true" or nothing */}}
{{- define "vectord.budget" -}}
{{- $asked := toString .podDisruptionBudget.enabled -}}
{{- if or (eq $asked "true") (and (eq $asked "auto") (gt (int (include "vectord.least" .)) 1)) }}true{{ end -}}
{{- end -}}

{{/* a whole number without an exponent, and anything else as it is */}}
{{- define "vectord.plain" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{/* where a model lies: ID or ID@REVISION */}}
{{- define "vectord.reference" -}}
{{ .id }}{{ with .revision }}@{{ . }}{{ end }}
{{- end -}}

{{/* what VECTORD_MODELS says of a pool */}}
{{- define "vectord.models" -}}
{{- $words := list -}}
{{- range $model := .models -}}
{{- $reference := include "vectord.reference" $model -}}
{{- range $model.names -}}{{- $words = append $words (printf "%s=%s" . $reference) -}}{{- end -}}
{{- if not $model.names -}}{{- $words = append $words $reference -}}{{- end -}}
{{- end -}}
{{- join " " $words -}}
{{- end -}}

{{/* JSON of the names that clients may ask a pool for */}}
{{- define "vectord.served" -}}
{{- $names := list -}}
{{- range .models -}}{{- $names = concat $names (append (default list .names) .id) -}}{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* JSON of the references that `vectord pull` fetches; directories are there already */}}
{{- define "vectord.pulled" -}}
{{- $found := list -}}
{{- range .models -}}
{{- if not (hasPrefix "/" .id) -}}{{- $found = append $found (include "vectord.reference" .) -}}{{- end -}}
{{- end -}}
{{- toJson (uniq $found) -}}
{{- end -}}

{{/* the image of a pool: (dict "root" $ "pool" POOL) */}}
{{- define "vectord.image" -}}
{{- $image := .root.Values.image -}}
{{- $path := trimPrefix "/" (printf "%s/%s" $image.registry $image.repository) -}}
{{- if $image.digest -}}
{{ $path }}@{{ $image.digest }}
{{- else -}}
{{ $path }}:{{ default (printf "%s-%s" .root.Chart.AppVersion .pool.device) $image.tag }}
{{- end -}}
{{- end -}}

{{- define "vectord.secret" -}}
{{- default (printf "%s-keys" (include "vectord.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{- define "vectord.serviceAccount" -}}
{{- default (ternary (include "vectord.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/* whether the cache is a claim that one node holds at a time: "true" or nothing */}}
{{- define "vectord.oneNode" -}}
{{- if and (eq .Values.modelCache.type "pvc") (not (has "ReadWriteMany" .Values.modelCache.pvc.accessModes)) }}true{{ end -}}
{{- end -}}

{{/* whether an init container fetches models: "true" or nothing */}}
{{- define "vectord.prefetch" -}}
{{- $cache := .Values.modelCache -}}
{{- if and $cache.prefetch (not $cache.offline) (not $cache.readOnly) (ne $cache.type "baked") }}true{{ end -}}
{{- end -}}

{{/* name of the port with metrics */}}
{{- define "vectord.metricsPort" -}}
{{ ternary "metrics" "http" (gt (int .Values.metrics.port) 0) }}
{{- end -}}

{{/* requests that a pool holds: (dict "root" $ "name" NAME) */}}
{{- define "vectord.query" -}}
{{- $which := printf "{namespace=\"%s\",service=\"%s-%s\"}" .root.Release.Namespace (include "vectord.fullname" .root) .name -}}
sum(vectord_requests_waiting{{ $which }}) + sum(vectord_requests_running{{ $which }})
{{- end -}}
