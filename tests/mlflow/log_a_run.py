"""Uses mlflow as a user does, and prints what came back as one line of JSON."""

import json

import mlflow

mlflow.set_experiment("python")
with mlflow.start_run(run_name="hello", tags={"a": "b"}) as run:
    mlflow.log_param("lr", 0.1)
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_metric("loss", 0.25, step=2)
    mlflow.log_metrics({"auc": 0.97}, step=2)
    mlflow.log_text("hello", "notes/a.txt")
    mlflow.log_dict({"k": 1}, "d.json")

client = mlflow.MlflowClient()
run_id = run.info.run_id
logged = client.get_run(run_id)
with open(client.download_artifacts(run_id, "notes/a.txt")) as file:
    downloaded = file.read()
try:
    client.log_param(run_id, "lr", 5)
    param_error = None
except mlflow.exceptions.MlflowException as error:
    param_error = error.error_code
client.create_registered_model("python-model")
version = client.create_model_version("python-model", f"{logged.info.artifact_uri}/notes", run_id)
client.set_registered_model_alias("python-model", "staging", version.version)
found = client.search_runs(
    [logged.info.experiment_id],
    "metrics.auc > 0.9 and params.lr = '0.1' and tags.a LIKE 'b%' and attributes.status = 'FINISHED'",
    order_by=["metrics.auc DESC"],
)
print()
print(
    json.dumps(
        {
            "run_id": run_id,
            "status": logged.info.status,
            "params": logged.data.params,
            "metrics": logged.data.metrics,
            "history": [point.value for point in client.get_metric_history(run_id, "loss")],
            "artifacts": [file.path for file in client.list_artifacts(run_id)],
            "downloaded": downloaded,
            "found": len(found),
            "param_error": param_error,
            "model_version": version.version,
            "alias_version": client.get_model_version_by_alias("python-model", "staging").version,
        }
    )
)
