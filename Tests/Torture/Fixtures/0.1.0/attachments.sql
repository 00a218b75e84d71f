PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE epoch (boot TEXT NOT NULL, inode INTEGER NOT NULL, cookie INTEGER NOT NULL);
INSERT INTO epoch VALUES('8d225df3-25db-462a-bb77-ceacfdd66444',4026532822,188870);
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY,
  container TEXT NOT NULL, ifname TEXT NOT NULL, network TEXT NOT NULL, state INTEGER NOT NULL,
  pod_namespace TEXT NOT NULL, pod_name TEXT NOT NULL, pod_uid TEXT NOT NULL,
  netns TEXT NOT NULL, inode INTEGER NOT NULL, cookie INTEGER NOT NULL,
  link_group INTEGER NOT NULL, created INTEGER NOT NULL,
  UNIQUE (container, ifname));
INSERT INTO attachment VALUES(1,'old-a','eth0','net',1,'lab','a','uid-a','/run/netns/a',4026535319,188875,235617409,1795274750225094950);
INSERT INTO attachment VALUES(2,'old-b','eth0','net',1,'lab','b','uid-b','/run/netns/b',4026535389,188877,1954206715,1795274750264635811);
CREATE TABLE interface (
  attachment INTEGER NOT NULL, position INTEGER NOT NULL, uuid BLOB NOT NULL,
  name TEXT NOT NULL, host_name TEXT NOT NULL, mac INTEGER NOT NULL, host_mac INTEGER NOT NULL,
  mtu INTEGER NOT NULL, network TEXT NOT NULL, instance TEXT NOT NULL, addresses BLOB NOT NULL,
  PRIMARY KEY (attachment, position)) WITHOUT ROWID;
INSERT INTO interface VALUES(1,0,X'27d8ee6e3c0a8523adc43256e8b07d9f','eth0','vmi6b41e22dcdd',2370166484540,6725354734553,1500,'k8s-contrail/default-podnetwork','k8s-contrail/default-podnetwork',X'1404010a2000020a200001401001fd000010003200000000000000000002fd000010003200000000000000000001');
INSERT INTO interface VALUES(2,0,X'b6245cab17556f0903dd5c0412942294','eth0','vmi286ead81a90',2981317356311,7566264926506,1500,'k8s-contrail/default-podnetwork','k8s-contrail/default-podnetwork',X'1404010a2000030a200001401001fd000010003200000000000000000003fd000010003200000000000000000001');
CREATE TABLE instance (
  name TEXT PRIMARY KEY, pin TEXT NOT NULL, inode INTEGER NOT NULL, cookie INTEGER NOT NULL,
  bridge_index INTEGER NOT NULL, fingerprint TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO instance VALUES('k8s-contrail/default-podnetwork','',0,0,1073741824,'v1 mtu 1500 snat true subnets 10.32.0.0/20 via 10.32.0.1 fd00:10:32::/64 via fd00:10:32::1 inside 10.32.0.0/20 fd00:10:32::/64 10.96.0.0/12 link-local');
CREATE TABLE pool (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, configuration TEXT NOT NULL, cursor BLOB);
INSERT INTO pool VALUES(1,'k8s-contrail/default-podnetwork IPv4','10.32.0.0/20 via 10.32.0.1',X'0a200003');
INSERT INTO pool VALUES(2,'k8s-contrail/default-podnetwork IPv6','fd00:10:32::/64 via fd00:10:32::1',X'fd000010003200000000000000000003');
CREATE TABLE free_range (
  pool INTEGER NOT NULL, last BLOB NOT NULL, first BLOB NOT NULL, PRIMARY KEY (pool, last)) WITHOUT ROWID;
INSERT INTO free_range VALUES(1,X'0a200ffe',X'0a200004');
INSERT INTO free_range VALUES(2,X'fd00001000320000ffffffffffffffff',X'fd000010003200000000000000000004');
CREATE TABLE allocation (
  pool INTEGER NOT NULL, address BLOB NOT NULL, container TEXT NOT NULL, ifname TEXT NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (pool, address)) WITHOUT ROWID;
INSERT INTO allocation VALUES(1,X'0a200002','old-a','eth0','pod lab/a');
INSERT INTO allocation VALUES(1,X'0a200003','old-b','eth0','pod lab/b');
INSERT INTO allocation VALUES(2,X'fd000010003200000000000000000002','old-a','eth0','pod lab/a');
INSERT INTO allocation VALUES(2,X'fd000010003200000000000000000003','old-b','eth0','pod lab/b');
CREATE TABLE event (
  id INTEGER PRIMARY KEY, time INTEGER NOT NULL, verb TEXT NOT NULL, container TEXT NOT NULL,
  ifname TEXT NOT NULL, pod_namespace TEXT NOT NULL, pod_name TEXT NOT NULL, pod_uid TEXT NOT NULL,
  code INTEGER NOT NULL, microseconds INTEGER NOT NULL, message TEXT NOT NULL);
INSERT INTO event VALUES(1,1795274750234249244,'ADD','old-a','eth0','lab','a','uid-a',0,11504,'');
INSERT INTO event VALUES(2,1795274750267439648,'ADD','old-b','eth0','lab','b','uid-b',0,5755,'');
CREATE INDEX attachment_pod ON attachment (pod_uid) WHERE pod_uid <> '';
CREATE INDEX allocation_holder ON allocation (container, ifname);
COMMIT;
