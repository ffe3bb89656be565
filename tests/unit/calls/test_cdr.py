"""Lines as Asterisk 22 wrote them, of a caller who waited, was fetched by an agent's leg, and left the dialplan."""

from cti.calls.cdr import afterwards, read_lines

TEXT = """\
11.2,0.000000,12.3,1.1,0.0,"NO ANSWER","+8613800000011","s","ld-agent","PJSIP/d1004-00000012","","Bridge","ld-abc-1","10.14"
13.730926,14.139591,24.848433,11.1,10.7,"ANSWERED","+8613800000011","s","ld-agent","PJSIP/d1005-00000013","PJSIP/trunk-0000000a","Bridge","ld-abc-2","10.14"
10.207986,10.208474,14.145239,2.9,2.9,"ANSWERED","13800000011","s","ld-away","PJSIP/trunk-0000000a","","AGI","10.14","10.14"
24.848680,24.848680,24.849427,0.0,0.0,"ANSWERED","13800000011","s","ld-after","PJSIP/trunk-0000000a","","Hangup","10.14","10.14"
30.0,31.0,32.0,1,1,"ANSWERED","1","s","ld-agent","PJSIP/d1005-00000014","PJSIP/trunk-0000000b","Bridge","ld-abcd-1","10.141"
"""  # noqa: E501


def test_it_tells_who_talked_with_the_customer_and_until_when_they_were_there() -> None:
    told = afterwards(read_lines(TEXT), "10.14", "ld-abc-")
    assert told is not None
    assert told.ended == 24.849427
    (talk,) = told.talks  # not the phone that nobody answered, nor that of an interaction with a longer name
    assert (talk.leg, talk.name, talk.began, talk.ended) == ("ld-abc-2", "PJSIP/d1005-00000013", 14.139591, 24.848433)


def test_of_somebody_who_is_not_in_it_nothing_is_told() -> None:
    assert afterwards(read_lines(TEXT), "10.1", "ld-ab-") is None


def test_a_line_that_was_cut_off_and_one_of_somebody_elses_format_are_passed_over() -> None:
    whole = read_lines(TEXT)
    assert read_lines(TEXT[40:]) == whole[1:]
    assert read_lines('"",x,y\n"a","b"\n' + TEXT[:-40]) == whole[:-1]
