import JSON

/// What fields an object of the Kubernetes API may have, as far as our manifest has any (Kubernetes API reference, v1 and
/// apps/v1).
indirect enum APIShape: Sendable {
  case text, number, bool
  case oneOf([String])
  case list(APIShape)
  /// Names of the user's.
  case texts
  case fields([String: APIShape])

  static let metadata = APIShape.fields(["name": .text, "namespace": .text, "labels": .texts, "annotations": .texts])

  static let configMap = APIShape.fields([
    "apiVersion": .text, "kind": .text, "metadata": metadata, "data": .texts, "binaryData": .texts, "immutable": .bool,
  ])

  static let daemonSet = APIShape.fields([
    "apiVersion": .text, "kind": .text, "metadata": metadata,
    "spec": .fields([
      "selector": .fields(["matchLabels": .texts]), "minReadySeconds": .number, "revisionHistoryLimit": .number,
      "updateStrategy": .fields([
        "type": .oneOf(["RollingUpdate", "OnDelete"]),
        "rollingUpdate": .fields(["maxUnavailable": .number, "maxSurge": .number]),
      ]),
      "template": .fields(["metadata": metadata, "spec": podSpecification]),
    ]),
  ])

  static let podSpecification = APIShape.fields([
    "hostNetwork": .bool, "hostPID": .bool, "hostIPC": .bool, "priorityClassName": .text, "serviceAccountName": .text,
    "automountServiceAccountToken": .bool, "terminationGracePeriodSeconds": .number, "nodeSelector": .texts,
    "tolerations": .list(
      .fields([
        "key": .text, "value": .text, "operator": .oneOf(["Exists", "Equal"]),
        "effect": .oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
      ])),
    "initContainers": .list(container), "containers": .list(container), "volumes": .list(volume),
  ])

  static let container = APIShape.fields([
    "name": .text, "image": .text, "imagePullPolicy": .oneOf(["Always", "IfNotPresent", "Never"]),
    "command": .list(.text), "args": .list(.text), "workingDir": .text,
    "env": .list(.fields(["name": .text, "value": .text])),
    "resources": .fields(["requests": .texts, "limits": .texts]),
    "securityContext": .fields([
      "runAsUser": .number, "runAsGroup": .number, "allowPrivilegeEscalation": .bool, "privileged": .bool,
      "readOnlyRootFilesystem": .bool, "capabilities": .fields(["add": .list(.text), "drop": .list(.text)]),
    ]),
    "volumeMounts": .list(
      .fields([
        "name": .text, "mountPath": .text, "subPath": .text, "readOnly": .bool,
        "mountPropagation": .oneOf(["None", "HostToContainer", "Bidirectional"]),
      ])),
  ])

  static let volume = APIShape.fields([
    "name": .text, "configMap": .fields(["name": .text]),
    "hostPath": .fields([
      "path": .text, "type": .oneOf(["DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket"]),
    ]),
  ])

  /// What in `value` is not of this shape, by its path.
  func complaints(_ value: JSONValue, at path: String) -> [String] {
    switch self {
    case .text: value.string == nil ? ["\(path): no string"] : []
    case .number: value.integer == nil ? ["\(path): no number"] : []
    case .bool: value.bool == nil ? ["\(path): no boolean"] : []
    case .oneOf(let words): value.string.map(words.contains) == true ? [] : ["\(path): none of \(words)"]
    case .texts:
      value.object?.members.flatMap { APIShape.text.complaints($0.value, at: "\(path).\($0.key)") }
        ?? ["\(path): no object"]
    case .list(let shape):
      value.array?.enumerated().flatMap { shape.complaints($1, at: "\(path)[\($0)]") } ?? ["\(path): no list"]
    case .fields(let shapes):
      value.object?.members.flatMap { member in
        shapes[member.key]?.complaints(member.value, at: "\(path).\(member.key)")
          ?? ["\(path).\(member.key): the API knows no such field"]
      } ?? ["\(path): no object"]
    }
  }
}
