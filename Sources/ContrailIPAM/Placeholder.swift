// ContrailIPAM
