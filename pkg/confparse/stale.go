package confparse

// staleKeywords are words of old versions and of other programs, with what to
// write today.
var staleKeywords = map[string]string{
	"nat_mask":                 "nat_mask was removed long ago; delete the line",
	"nb_get_retry":             "write retry; nb_get_retry is the old name of it in HTTP_GET and SSL_GET",
	"quorum_weight":            "quorum is a sum of weights; give the real servers a weight",
	"lvs_id":                   "write router_id",
	"lvs_sync_daemon_inteface": "write lvs_sync_daemon in global_defs",
	"config_directory":         "write tmp_config_directory",
	"use_syslink_paths":        "write use_symlink_paths",
	"script_security":          "write enable_script_security",
	"vrrp_process_track":       "write vrrp_track_process",
	"ip_proto":                 "write ipproto",
	"delay_before_retries":     "write delay_before_retry",
	"http_get":                 "write HTTP_GET, in capitals",
	"tcp_check":                "write TCP_CHECK, in capitals",
	"misc_check":               "write MISC_CHECK, in capitals",
	"local_address_group":      forkOfIPVS,
	"laddr_group_name":         forkOfIPVS,
	"daddr_group_name":         forkOfIPVS,
	"deny_address_group":       forkOfIPVS,
	"syn_proxy":                forkOfIPVS,
	"establish_timeout":        forkOfIPVS,
	"conn_timeout":             forkOfIPVS,
	"vip_bind_dev":             forkOfIPVS,
	"expire_quiescent_conn":    forkOfIPVS,
}

const forkOfIPVS = "this belongs to the FULLNAT and DPVS forks of keepalived; the kernel's IPVS has nothing like it"
