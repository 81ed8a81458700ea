// Reads objects as a JSON list from standard input and says on a line each what its schema refuses, or nothing.
import { readFileSync } from "node:fs";
import { HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { PrometheusRule, ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const KINDS = { HTTPRoute, PrometheusRule, ScaledObject, ServiceMonitor };

for (const one of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    new KINDS[one.kind](one).validate();
    console.log("");
  } catch (error) {
    console.log(String(error.message).replaceAll("\n", "; "));
  }
}
