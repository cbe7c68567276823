"""Draws the pictures and documents that sample messages carry, into src/madoguchi/sample/files."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
from tests.servers import chromium  # noqa: E402 - the line above lets it be found

FILES = ROOT / "src" / "madoguchi" / "sample" / "files"
WOOD = "<rect width='960' height='720' fill='#d9c7a8'/><path d='M0 180h960M0 420h960M0 610h960' stroke='#c4ae8a'/>"
PHOTOS = {
    "appliance": WOOD
    + """<ellipse cx='480' cy='560' rx='270' ry='40' fill='#00000033'/>
    <rect x='240' y='190' width='480' height='360' rx='110' fill='#f4f3ef' stroke='#b9b7b0' stroke-width='4'/>
    <path d='M250 300h460' stroke='#c9c7c0' stroke-width='5'/><rect x='410' y='170' width='140' height='34' rx='17'
    fill='#d8d6d0'/><rect x='390' y='360' width='180' height='90' rx='12' fill='#22282b'/>
    <text x='480' y='422' font-size='52' text-anchor='middle' fill='#5a666b' font-family='monospace'>--:--</text>
    <circle cx='340' cy='410' r='24' fill='#e2e0da'/><circle cx='620' cy='410' r='24' fill='#e2b8a8'/>""",
    "box": """<rect width='960' height='720' fill='#8f9396'/><path d='M0 470h960' stroke='#7b7f82' stroke-width='6'/>
    <path d='M200 260l280-90 280 90v280l-280 110-280-110z' fill='#c59a63'/><path d='M200 260l280 100 280-100M480
    360v290' stroke='#9d7645' stroke-width='5' fill='none'/><path d='M330 215l280 100v90l-40-14v-80l-280-100z'
    fill='#dcc298'/><path d='M640 420l70-50-20 80 40 30-80 20-30 60-20-70z' fill='#6f4f28'/>""",
    "label": """<rect width='960' height='720' fill='#e9e9e6'/><rect x='130' y='150' width='700' height='420' rx='10'
    fill='#fdfdfb' stroke='#444' stroke-width='4'/><g font-family='Noto Sans CJK JP,sans-serif' fill='#222'>
    <text x='180' y='230' font-size='44'>形名　MK-550W</text><text x='180' y='300' font-size='32'>定格電圧　交流100V
    </text><text x='180' y='350' font-size='32'>定格消費電力　1200W</text><text x='180' y='400' font-size='32'>
    製造番号　A2407-01883</text><text x='180' y='470' font-size='30'>はなもと電器</text></g>
    <g fill='#222'>"""
    + "".join(f"<rect x='{520 + i * 12}' y='440' width='{2 + i * 7 % 6}' height='90'/>" for i in range(24))
    + "</g>",
    "cloth": """<rect width='960' height='720' fill='#b9c4cf'/>"""
    + "".join(f"<path d='M{x} 0v720' stroke='#a9b5c2' stroke-width='3'/>" for x in range(0, 960, 14))
    + """<path d='M0 380c200-30 300 40 480 10s300 20 480-20' stroke='#6e7d8d' stroke-width='6' fill='none'
    stroke-dasharray='22 12'/><ellipse cx='520' cy='392' rx='46' ry='20' fill='#3d4650'/><path d='M480 384c-40-50
    20-90 70-120M560 400c60 20 70 70 130 60' stroke='#5d6b79' stroke-width='4' fill='none'/>""",
    "bottle": """<rect width='960' height='720' fill='#efe6e2'/><ellipse cx='480' cy='630' rx='170' ry='26'
    fill='#00000022'/><rect x='370' y='270' width='220' height='360' rx='46' fill='#f7f1ea' stroke='#d8c8bd'
    stroke-width='4'/><rect x='435' y='190' width='90' height='90'
    fill='#e3d5ca'/><rect x='466' y='150' width='28'
    height='46' fill='#d6c4b7'/><path d='M440 130h170v28h-170z' fill='#d6c4b7'/>
    <text x='480' y='440' font-size='48' text-anchor='middle' fill='#8d7363'
    font-family='Noto Serif CJK JP,serif'>月白堂</text><path d='M590 520c30 20 40 60 36 110h-60' fill='#e8dccb'/>""",
    "paper": """<rect width='960' height='720' fill='#a58e6f'/><g transform='rotate(-4 480 360)'><rect x='230' y='70'
    width='500' height='600' fill='#fcfbf7'/><g stroke='#9aa0a6' stroke-width='3'>"""
    + "".join(f"<path d='M280 {y}h{380 - y % 120}'/>" for y in range(210, 600, 44))
    + """</g><text x='480' y='150' font-size='40' text-anchor='middle' font-family='Noto Sans CJK JP,sans-serif'
    fill='#333'>お客様控え</text></g>""",
}
SCREEN = """<body style='margin:0;font:22px "Noto Sans CJK JP",sans-serif;background:#f2f3f5'><div
style='background:#fff;padding:28px 32px;border-bottom:1px solid #ddd;font-size:26px'>会員ページ</div><div
style='margin:48px;background:#fff;border:1px solid #e0b4b4;border-radius:12px;padding:32px'><b
style='color:#a32020'>お手続きを完了できませんでした</b><p>入力の内容をお確かめのうえ、もう一度お試しください。</p><p
style='color:#777'>時間をおいても解決しない場合は、お客様窓口へお問い合わせください。</p></div></body>"""
PAPER = """<body style='font:13pt/1.9 "Noto Serif CJK JP",serif;margin:24mm'><h1 style='text-align:center;
letter-spacing:.4em;font-size:22pt'>{title}</h1>{body}</body>"""
DOCUMENTS = {
    "receipt": (
        "領収書",
        "<p>上記の金額を、商品代として正に領収いたしました。</p><p>内訳　10%対象　税抜金額および消費税額は"
        "明細のとおり</p><p>登録番号　T0000000000000（見本）</p>",
    ),
    "label": (
        "返送ラベル",
        "<p>この用紙を箱または袋の見やすい所に貼り、お近くの営業所かコンビニにお出しください。送料は当店が"
        "負担いたします。</p><p style='border:2px solid #000;padding:10mm'>着払い　見本</p>",
    ),
    "leaflet": (
        "ご案内",
        "<p>いつもご利用いただき、ありがとうございます。</p><p>手順を順にご案内いたします。分かりにくいところが"
        "ございましたら、この用件にご返信ください。</p><ol><li>電源を切ります</li><li>ふたを外します</li>"
        "<li>やわらかい布で拭きます</li></ol>",
    ),
}


def draw(page: Page) -> None:
    FILES.mkdir(exist_ok=True)
    for name, shapes in PHOTOS.items():
        page.set_viewport_size({"width": 960, "height": 720})
        page.set_content(
            f"<body style='margin:0'><svg xmlns='http://www.w3.org/2000/svg' width='960' height='720'>{shapes}</svg>"
        )
        page.screenshot(path=FILES / f"{name}.jpg", type="jpeg", quality=70)
    page.set_viewport_size({"width": 760, "height": 520})
    page.set_content(SCREEN)
    page.screenshot(path=FILES / "screen.png")
    for name, (title, body) in DOCUMENTS.items():
        page.set_content(PAPER.format(title=title, body=body))
        page.pdf(path=FILES / f"{name}.pdf", format="A4")


if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=chromium.FLAGS)
        draw(browser.new_page())
        browser.close()
