print("contrail-k8s-cni")
