make_node few
definition cold 172.16.0.0/16 fd00:172:1::/64 | apply few
in_network few cold >"$directory/few/cold"
attach_resident few
make_namespaces few-cold
for i in 1 2 3; do
for verb in ADD DEL; do
env CNI_COMMAND=$verb CNI_CONTAINERID=t CNI_NETNS=/run/netns/few-cold CNI_IFNAME=eth0 K8S_POD_NAME=x nsenter --net=/run/netns/few strace -f -r -T -o /tmp/trace.$verb.$i "$plugin" <"$directory/few/cold" >/dev/null
done
done
