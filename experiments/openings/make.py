from itcho.experiments.openings.stocks import *


def make_start_state(): ...


own_tables = write_start_state = None
