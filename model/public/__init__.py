"""Public money: treasury, programme, reserves, trade deal, rescues."""
